/* Pages of the pledge: comfort only, every page works without it. */
(() => {
  "use strict";
  /* Esc closes the discussion; the focus goes back to the row it was about. */
  const close = document.querySelector("[data-close-talk]");
  if (close) {
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (event.target.matches("input, textarea, select") && event.target.value) return;
      close.click();
    });
  }
  const row = window.location.hash.startsWith("#r-") && document.getElementById(window.location.hash.slice(1));
  const opener = row && row.querySelector(".pl-opinion");
  /* After the browser has gone to the row, which would take the focus away again. */
  if (opener && !close) window.addEventListener("load", () => window.setTimeout(() => opener.focus({ preventScroll: true }), 0));

  /* Fields that only a numeric target, or only levels of each unit, ask for. */
  const chosen = (form, name) => {
    const field = form.elements[name];
    return field ? field.value : "";
  };
  document.querySelectorAll("form[data-target-form]").forEach((form) => {
    const parts = form.querySelectorAll("[data-when]");
    const show = () => parts.forEach((part) => {
      part.hidden = !part.dataset.when.split("&").every((pair) => {
        const [name, value] = pair.split("=");
        return chosen(form, name) === value;
      });
    });
    form.addEventListener("change", show);
    show();
  });
})();
