/* Comforts on top of pages that work without this file. Nothing here rewrites what is being typed:
   Vietnamese keyboards send a backspace and new letters, and any change under them garbles words. */
(() => {
  "use strict";

  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  };

  /* Error summary: focus moves to it, its links move focus into the field. */
  const focusErrors = () => {
    const summary = document.querySelector("[data-error-summary]");
    if (!summary) return;
    summary.focus();
    summary.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      const target = link && document.getElementById(link.hash.slice(1));
      if (!target) return;
      event.preventDefault();
      const field = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
      (field || target).focus();
      (target.closest(".gu-field") || target).scrollIntoView({ block: "center" });
    });
  };

  /* Cards that explain points stand at the foot of the window; from 768 px on beside the number. */
  const placeCard = (card, beside) => {
    const style = card.style;
    ["left", "top", "right", "bottom"].forEach((edge) => style.removeProperty(edge));
    if (window.innerWidth < 768) return;
    const at = beside.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const below = at.bottom + 6 + size.height < window.innerHeight - 70;
    style.left = `${Math.max(8, Math.min(at.right - size.width, window.innerWidth - size.width - 16))}px`;
    style.top = `${Math.max(60, below ? at.bottom + 6 : at.top - size.height - 6)}px`;
    style.right = "auto";
    style.bottom = "auto";
  };
  window.guPlaceCard = placeCard;
  const watchCards = () => {
    const placeOpen = () => all("details.gu-why[open]").forEach((why) => placeCard(why.lastElementChild, why.firstElementChild));
    document.addEventListener("toggle", (event) => {
      if (event.target.matches("details.gu-why[open]")) placeOpen();
    }, true);
    window.addEventListener("scroll", placeOpen, { capture: true, passive: true });
    window.addEventListener("resize", placeOpen);
  };

  /* Menus are <details>; Esc and a click elsewhere close them. */
  const MENUS = "details.gu-menu[open], details.gu-why[open]";
  const closeMenus = (except) => all(MENUS).forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
  const watchMenus = () => {
    document.addEventListener("click", (event) => closeMenus(event.target.closest("details.gu-menu, details.gu-why")));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      const open = document.querySelector(MENUS);
      if (!open) return;
      open.open = false;
      open.querySelector("summary").focus();
    });
  };

  const offerPasswords = () => all("[data-password-toggle]").forEach((button) => {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    if (!input) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
    });
  });

  /* A second click on the same act does nothing. The token checked by the server is what protects. */
  const guardSubmits = () => {
    let sent = new WeakMap();
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.method !== "post" || form.hasAttribute("data-many") || event.defaultPrevented) return;
      if (Date.now() - (sent.get(form) || 0) < 8000) {
        event.preventDefault();
        return;
      }
      sent.set(form, Date.now());
      if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    });
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      sent = new WeakMap();
      all("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    });
  };

  /* Drafts: what is typed stays on this machine until the server has it. */
  const DRAFT = "gu-draft:";
  const SENT = "gu-sent";
  const KEPT_DAYS = 7;
  const stored = (store, key) => {
    try { return JSON.parse(store.getItem(key)); } catch { return null; }
  };
  const keep = (store, key, value) => {
    try { store.setItem(key, JSON.stringify(value)); } catch { /* storage is full or switched off */ }
  };
  const draftKey = (form) => `${DRAFT}${document.body.dataset.user || ""}:${form.dataset.draft}`;
  const draftFields = (form) => Array.from(form.elements).filter((field) => field.name &&
    field.matches("input, select, textarea") && !["hidden", "password", "file", "submit"].includes(field.type));
  const draftValues = (form) => draftFields(form).map((field) =>
    [field.name, field.type, ["checkbox", "radio"].includes(field.type) ? [field.value, field.checked] : field.value]);
  const restore = (form, values) => {
    const fields = draftFields(form);
    values.forEach(([name, type, value], index) => {
      const field = fields[index];
      if (!field || field.name !== name || field.type !== type) return;
      if (Array.isArray(value)) field.checked = value[1]; else field.value = value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
  };
  const clock = (time) => {
    const at = new Date(time);
    const two = (part) => String(part).padStart(2, "0");
    return `${two(at.getHours())}:${two(at.getMinutes())} ngày ${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}`;
  };
  const forgetDelivered = () => {
    let sent = null;
    try { sent = stored(sessionStorage, SENT); } catch { return; }
    if (!sent) return;
    const arrival = performance.getEntriesByType("navigation")[0];
    const followed = arrival && arrival.type === "navigate" && document.referrer.split("?")[0] === sent.from;
    const refused = document.querySelector("[data-error-summary], [data-keep-drafts]");
    if (followed && !refused) localStorage.removeItem(sent.key);
    if (followed) sessionStorage.removeItem(SENT);
  };
  const forgetOld = () => Object.keys(localStorage).filter((key) => key.startsWith(DRAFT)).forEach((key) => {
    const draft = stored(localStorage, key);
    if (!draft || Date.now() - draft.at > KEPT_DAYS * 864e5) localStorage.removeItem(key);
  });
  const offerDraft = (form, key, draft) => {
    const take = element("button", { type: "button", class: "btn btn-secondary btn-sm" }, "Lấy lại");
    const drop = element("button", { type: "button", class: "btn btn-link btn-sm" }, "Bỏ bản này");
    const bar = element("div", { class: "gu-draft", role: "status" },
      element("span", {}, `Trên máy này còn phần bạn nhập dở lúc ${clock(draft.at)}, chưa gửi đi.`), take, drop);
    take.addEventListener("click", () => { restore(form, draft.values); bar.remove(); });
    drop.addEventListener("click", () => { localStorage.removeItem(key); bar.remove(); });
    form.prepend(bar);
  };
  const keepDraft = (form) => {
    const key = draftKey(form);
    /* The browser would fill a page that one goes back to with what was sent already, under a new
       token; what was not sent is offered from the draft. */
    form.autocomplete = "off";
    const asServed = JSON.stringify(draftValues(form));
    let timer = 0;
    let leaving = false;
    const dirty = () => JSON.stringify(draftValues(form)) !== asServed;
    const draft = stored(localStorage, key);
    if (draft && JSON.stringify(draft.values) !== asServed) offerDraft(form, key, draft);
    else if (draft) localStorage.removeItem(key);
    const write = () => {
      window.clearTimeout(timer);
      if (dirty()) keep(localStorage, key, { at: Date.now(), values: draftValues(form) });
    };
    ["input", "change"].forEach((kind) => form.addEventListener(kind, () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(write, 600);
    }));
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      write();
      leaving = true;
      keep(sessionStorage, SENT, { key, from: window.location.href.split("?")[0] });
    });
    window.addEventListener("beforeunload", (event) => {
      if (leaving || !dirty()) return;
      write();
      event.preventDefault();
    });
  };
  const keepDrafts = () => {
    const forms = all("form[data-draft]");
    try {
      forgetDelivered();
      forgetOld();
      forms.forEach(keepDraft);
    } catch { /* storage is switched off: the page still works, drafts are not kept */ }
  };

  /* Figures, by the grammar of core/text/numbers.py: read back after leaving the field. */
  const COMMA = /^([-−]?)([0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[1-9][0-9]{0,2}(?: [0-9]{3})+)(?:,([0-9]+))?$/;
  const DOT = /^([-−]?)([0-9]+|[1-9][0-9]{0,2}(?: [0-9]{3})+)\.([0-9]+)$/;
  const MAX_DIGITS = 24;
  const MAX_TYPED = 64;
  const grouped = (digits) => digits.replace(/\B(?=(?:[0-9]{3})+$)/g, ".");
  /* Returns the figure as offices write it, or null where only the server can say what is wrong. */
  const readNumber = (typed) => {
    if (typed.length > MAX_TYPED) return null;
    const text = typed.replace(/[\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, " ").replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
    let match = COMMA.exec(text);
    if (!match) {
      match = DOT.exec(text);
      if (!match || (match[3].length === 3 && (match[2].length <= 3 || match[2].includes(" ")))) return null;
    }
    const whole = match[2].replace(/[. ]/g, "").replace(/^0+(?=[0-9])/, "");
    const typedFraction = match[3] || "";
    if ((whole + typedFraction).replace(/^0+/, "").length > MAX_DIGITS || typedFraction.length > MAX_DIGITS) return null;
    const fraction = typedFraction.replace(/0+$/, "");
    const zero = whole === "0" && !fraction;
    return (match[1] && !zero ? "−" : "") + grouped(whole) + (fraction ? `,${fraction}` : "");
  };
  const readBack = () => all("[data-vn-number]").forEach((input) => {
    const served = input.nextElementSibling;
    const said = served && served.matches("[data-read-back]") ? served : element("p", { class: "gu-read-back" });
    if (said !== served) input.insertAdjacentElement("afterend", said);
    said.setAttribute("role", "status");
    const unit = input.dataset.unit || input.dataset.vnNumber;
    input.addEventListener("change", () => {
      const value = input.value.trim() && readNumber(input.value);
      said.classList.toggle("gu-err", value === null);
      if (value === null) said.textContent = "Chưa đọc được số này. Nhập số, ví dụ 1.234,5.";
      else said.textContent = value ? `Đọc là: ${value} ${unit}`.trim() : "";
    });
  });

  /* Jobs: the count moves while the page stays; when the job ends the page is read again. */
  const ENDED = ["DONE", "FAILED", "CANCELLED"];
  const fill = (root, selector, text) => all(selector, root).forEach((part) => { part.textContent = text; });
  const showJob = (root, job) => {
    all("progress", root).forEach((bar) => { bar.max = job.total || 1; bar.value = job.done || 0; });
    if (job.total) fill(root, "[data-job-count]", `${grouped(String(job.done))}/${grouped(String(job.total))}`);
    if (job.label) fill(root, "[data-job-label]", job.label);
    if (typeof job.message === "string") fill(root, "[data-job-message]", job.message);
  };
  const followJob = (root) => {
    let pause = 2000;
    const ask = async () => {
      try {
        const answer = await fetch(root.dataset.jobUrl, { headers: { Accept: "application/json" }, credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        const job = await answer.json();
        showJob(root, job);
        if (ENDED.includes(job.state)) {
          window.location.reload();
          return;
        }
        pause = 2000;
      } catch {
        pause = Math.min(pause * 2, 30000);
      }
      window.setTimeout(ask, pause);
    };
    window.setTimeout(ask, 1000);
  };

  /* A table wider than its place can be scrolled from the keyboard. */
  const scrollRegions = () => all(".gu-scroll").forEach((region) => {
    if (region.scrollWidth <= region.clientWidth || region.hasAttribute("tabindex")) return;
    region.tabIndex = 0;
    region.setAttribute("role", "group");
    const caption = region.querySelector("caption");
    if (!region.hasAttribute("aria-labelledby") && !region.hasAttribute("aria-label")) {
      region.setAttribute("aria-label", caption ? caption.textContent.trim() : "Bảng, cuộn ngang để xem hết");
    }
  });

  const printing = () => {
    all("[data-print]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => window.print());
    });
    window.addEventListener("beforeprint", () => fill(document, "[data-print-time]", clock(Date.now())));
  };

  focusErrors();
  watchMenus();
  watchCards();
  offerPasswords();
  keepDrafts();
  guardSubmits();
  readBack();
  all("[data-job-url]").forEach(followJob);
  scrollRegions();
  printing();

  /* For tests in a browser: the same cases as core/text are put to this grammar. */
  window.giaoUoc = { ...window.giaoUoc, readNumber };
})();
