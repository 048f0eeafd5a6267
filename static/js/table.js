/* The editor of a criteria table: sums as one types, further rows without a journey to the server.
   Without this file the server says the same after each sending. */
(() => {
  "use strict";

  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const one = (selector, root = document) => root.querySelector(selector);

  /* A number as it is typed in Vietnamese, in hundredths; null where it cannot be read. */
  const read = (typed) => {
    const text = typed.replace(/[\s\u00a0]/g, "");
    if (!/^\d{1,3}(\.\d{3})+(,\d{1,2})?$|^\d+(,\d{1,2})?$|^\d+\.\d{1,2}$/.test(text)) return null;
    const grouped = /^\d{1,3}(\.\d{3})+(,|$)/.test(text);
    const plain = (grouped ? text.replace(/\./g, "") : text).replace(",", ".");
    return Math.round(Number(plain) * 100);
  };
  const write = (hundredths) => {
    const whole = String(Math.floor(hundredths / 100)).replace(/\B(?=(\d{3})+$)/g, ".");
    const rest = String(hundredths % 100).padStart(2, "0").replace(/0+$/, "");
    return rest ? `${whole},${rest}` : whole;
  };

  const points = one("form[data-table-points]");
  if (points) {
    const scale = read(points.dataset.scale);
    const balance = one("[data-balance]");
    const rows = all("input[data-row]", points);
    const add = () => {
      const below = new Map();
      let total = 0;
      let known = true;
      /* What is below comes after what is above: from the last row up every group is complete. */
      rows.slice().reverse().forEach((input) => {
        const own = below.get(input.dataset.row);
        const typed = input.value.trim() === "" ? null : read(input.value);
        if (input.value.trim() !== "" && typed === null) known = false;
        const group = "group" in input.dataset;
        const worth = typed === null ? (group ? own || 0 : 0) : typed;
        if (group) {
          const said = one(`[data-sum="${input.dataset.row}"]`, points);
          said.textContent = `Σ ${write(own || 0)}${typed === null ? "" : `/${write(typed)}`}`;
          said.classList.toggle("gu-err", typed !== null && typed !== (own || 0));
        }
        const above = input.dataset.above;
        if (above === "0") {
          if ("ordinary" in input.dataset) total += worth;
        } else {
          below.set(above, (below.get(above) || 0) + worth);
        }
      });
      const gap = scale - total;
      const rest = gap > 0 ? `còn thiếu ${write(gap)}` : `thừa ${write(-gap)}`;
      const told = known ? (gap ? rest : "vừa đủ") : "có số chưa đọc được";
      balance.textContent = `Tổng các nhóm ${write(total)}/${write(scale)}: ${told}`;
      balance.classList.toggle("gu-err", !known || gap !== 0);
    };
    if (scale !== null) points.addEventListener("input", add);
  }

  const leaf = one("form[data-table-rows]");
  if (leaf) {
    const more = one("[data-add-row]", leaf);
    const body = one("tbody[data-rows]", leaf);
    const total = one("input[name$=TOTAL_FORMS]", leaf);
    if (more && body && total) {
      more.addEventListener("click", (event) => {
        event.preventDefault();
        const at = Number(total.value);
        const row = body.rows[body.rows.length - 1].cloneNode(true);
        all(".gu-field-error, .invalid-feedback", row).forEach((part) => part.remove());
        all("input, select", row).forEach((field) => {
          field.name = field.name.replace(/-\d+-/, `-${at}-`);
          field.id = field.id.replace(/-\d+-/, `-${at}-`);
          field.classList.remove("is-invalid");
          field.removeAttribute("aria-invalid");
          field.removeAttribute("aria-describedby");
          if (field.tagName === "INPUT") field.value = "";
        });
        all("label", row).forEach((label) => {
          label.htmlFor = label.htmlFor.replace(/-\d+-/, `-${at}-`);
          const place = one(".visually-hidden", label);
          if (place) place.textContent = `, dòng ${at + 1}`;
        });
        body.append(row);
        total.value = String(at + 1);
        const first = one("input", row);
        if (first) first.focus();
      });
    }
  }
})();
