/* Keys and the button of a decision: comfort only, every page works without it. */
(() => {
  "use strict";
  const form = document.getElementById("tham-dinh");
  const here = document.querySelector(".ap-list a[aria-current]");
  const list = document.querySelector("[data-appraisal-list]");
  if (here && list) list.scrollTop = Math.max(0, here.offsetTop - list.clientHeight / 2);
  const tab = document.querySelector(".ap-tabs a[aria-current]");
  if (tab) tab.closest(".ap-tabs").scrollLeft = Math.max(0, tab.offsetLeft - 40);

  /* The button says what it will record. */
  const write = document.querySelector("[data-write]");
  const agree = document.querySelector("[data-agree]");
  const box = form && form.querySelector("input[name=figure], select[name=figure]");
  const primary = (button, yes) => {
    if (!button) return;
    button.classList.toggle("btn-primary", yes);
    button.classList.toggle("btn-secondary", !yes);
  };
  const started = box ? box.value : "";
  const wasPrimary = agree ? agree.classList.contains("btn-primary") : false;
  const words = () => {
    if (box.tagName === "SELECT") return box.options[box.selectedIndex].text;
    const unit = box.parentElement.querySelector(".sc-unit");
    return unit ? `${box.value.trim()} ${unit.textContent}` : box.value.trim();
  };
  if (box && write && agree) {
    const usual = write.textContent;
    const update = () => {
      const typed = Boolean(box.value.trim()) && box.value !== started;
      write.textContent = typed ? `Ghi ${words()}${form.dataset.next ? ` và sang ${form.dataset.next}` : ""}` : usual;
      primary(write, typed);
      primary(agree, wasPrimary && !typed);
    };
    box.addEventListener("input", update);
    box.addEventListener("change", update);
  }

  /* J next, K previous, A agree, R return or another figure, Enter record; never while somebody types. */
  const bar = document.querySelector("[data-appraisal-keys]");
  const hint = document.querySelector("[data-keys-hint]");
  if (hint) hint.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (!bar || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.matches("input, textarea, select, [contenteditable]")) return;
    const key = event.key.toLowerCase();
    const other = box && box.value.trim() && box.value !== started;
    /* On a link or a button Enter does what it does everywhere. */
    const enters = key === "enter" && !event.target.closest("a, button, summary") && (other || wasPrimary);
    if ((key === "a" || enters) && agree) {
      event.preventDefault();
      (other && write ? write : agree).click();
      return;
    }
    if (key === "r" && box && !bar.querySelector('[data-key="r"]')) {
      event.preventDefault();
      box.focus();
      return;
    }
    const link = ["j", "k", "r"].includes(key) && bar.querySelector(`[data-key="${key}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
  });
})();
