/* The matrix: a click on points shows their card beside them. Without this file the same link leads
   to the page of the unit, where every card stands. */
(() => {
  "use strict";

  const table = document.querySelector("table[data-cards]");
  if (!table || !window.fetch || !window.DOMParser) return;

  const card = document.createElement("div");
  card.className = "gu-why-card";
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-label", "Thẻ giải thích điểm");
  card.tabIndex = -1;
  card.hidden = true;
  document.body.append(card);

  let opener = null;
  const close = (back) => {
    if (card.hidden) return;
    card.hidden = true;
    if (back && opener) opener.focus();
    opener = null;
  };
  const line = (className, ...parts) => {
    const made = document.createElement("p");
    made.className = className;
    made.append(...parts);
    return made;
  };
  const text = (row, selector) => {
    const found = row && row.querySelector(selector);
    return found ? found.innerText.trim() : "";
  };

  /* Every page of a unit is asked once. */
  const pages = new Map();
  const pageOf = (address) => {
    if (!pages.has(address)) {
      pages.set(address, fetch(address, { credentials: "same-origin" }).then((answer) => {
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        return answer.text();
      }).then((html) => new DOMParser().parseFromString(html, "text/html")));
    }
    return pages.get(address);
  };

  const show = (link, page, anchor) => {
    const row = page.getElementById(anchor);
    if (!row) throw new Error(anchor);
    const unit = page.querySelector("[data-unit-name]");
    const source = page.querySelector("[data-source]");
    const cells = row.children;
    const whole = document.createElement("a");
    whole.href = link.href;
    whole.textContent = "Mở thẻ của đơn vị";
    card.replaceChildren(
      line("gu-why-of", `${cells[0].innerText.trim()} ${cells[1].innerText.trim()}, ${unit ? unit.textContent : ""}`),
      line("gu-result", cells[2].innerText.trim().replace(/\s+/g, " ")),
      line("", text(row, "[data-why]")),
      line("gu-small gu-quiet", [text(row, "[data-rule]"), source ? source.textContent : ""].filter(Boolean).join(". ")),
      line("gu-small", whole),
    );
    card.hidden = false;
    opener = link;
    window.guPlaceCard(card, link);
    card.focus({ preventScroll: true });
  };

  table.addEventListener("click", async (event) => {
    const link = event.target.closest("td a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    const [address, anchor] = link.href.split("#");
    try {
      show(link, await pageOf(address), anchor);
    } catch {
      window.location.href = link.href;
    }
  });
  document.addEventListener("click", (event) => { if (!card.contains(event.target)) close(false); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(true); });
  window.addEventListener("scroll", () => { if (opener) window.guPlaceCard(card, opener); }, { capture: true, passive: true });
})();
