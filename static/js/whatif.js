/* Trying other figures: the result follows what is typed. Without this file the same form is sent
   by its button. Only inputs that differ from the page go into the address; nothing is stored. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-whatif]");
  const place = document.getElementById("ket-qua");
  if (!form || !place) return;

  const kept = Array.from(form.querySelectorAll("input[type=hidden]"));
  const fields = Array.from(form.querySelectorAll("input[name]:not([type=hidden]), select[name]"));
  const rowOf = (field) => field.closest("tr");
  const served = new Map(fields.map((field) => [field, field.defaultValue ?? ""]));
  fields.forEach((field) => {
    if (field.tagName === "SELECT") {
      const chosen = Array.from(field.options).find((option) => option.defaultSelected);
      served.set(field, chosen ? chosen.value : "");
    }
  });
  const isTried = Array.from(new URLSearchParams(window.location.search).keys()).some((name) => name !== "hien");

  /* All inputs of a criterion go together: a count without its sisters would read as taken back. */
  const query = () => {
    const touched = new Set(
      fields.filter((field) => isTried || field.value !== served.get(field)).map(rowOf),
    );
    const sent = new URLSearchParams();
    kept.forEach((field) => sent.append(field.name, field.value));
    fields.forEach((field) => { if (touched.has(rowOf(field))) sent.append(field.name, field.value); });
    return sent.toString();
  };

  let waiting = null;
  let latest = 0;
  const ask = async () => {
    latest += 1;
    const mine = latest;
    const asked = query();
    try {
      const answer = await fetch(`${window.location.pathname}?${asked}`, { headers: { "X-Part": "ket-qua" } });
      if (!answer.ok || mine !== latest) return;
      place.innerHTML = await answer.text();
      window.history.replaceState(null, "", asked ? `?${asked}` : window.location.pathname);
    } catch {
      /* The button still works when the line is back. */
    }
  };
  const soon = () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(ask, 300);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);

  /* A slider beside a figure that has a target: from nothing to twice the target. */
  const read = (text) => Number(text.replaceAll(".", "").replace(",", "."));
  form.querySelectorAll("tr[id]").forEach((row) => {
    const target = row.querySelector(".wi-target");
    const inputs = Array.from(row.querySelectorAll("input[name]"));
    const number = target ? read((/^[\d.,]+/.exec(target.textContent.trim()) || [""])[0]) : 0;
    if (!(number > 0) || inputs.length !== 1) return;
    const field = inputs[0];
    const slider = document.createElement("input");
    const most = Math.max(2 * number, read(field.value) || 0);
    const step = number >= 20 ? 1 : number / 20;
    Object.assign(slider, { type: "range", min: "0", max: String(most), step: String(step), className: "wi-slide" });
    slider.value = String(read(field.value) || 0);
    slider.setAttribute("aria-label", `Kéo để thử ${field.getAttribute("aria-label") || ""}`);
    slider.addEventListener("input", () => {
      field.value = Number(slider.value).toLocaleString("vi-VN", { maximumFractionDigits: 2 });
    });
    field.addEventListener("input", () => { if (Number.isFinite(read(field.value))) slider.value = String(read(field.value)); });
    field.closest(".sc-figure").after(slider);
  });
})();
