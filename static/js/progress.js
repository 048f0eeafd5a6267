/* The grid of progress: each cell is sent on leaving it; what was not sent stays on this machine.
   Without this file the same form is sent as a whole. Nothing here changes what is being typed. */
(() => {
  "use strict";

  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const one = (selector, root = document) => root.querySelector(selector);
  const form = one("form[data-grid]");

  /* The panel of one cell, beside the grid on a desk. */
  const panel = one("[data-detail]");
  let opener = null;
  /* The open panel takes three columns of the grid over; cells that span them follow. */
  const GIVEN = 3;
  const spread = (open) => all(".pg-grid tbody [colspan]").forEach((part) => {
    if (!part.dataset.span) part.dataset.span = String(part.colSpan);
    part.colSpan = Number(part.dataset.span) - (open ? GIVEN : 0);
  });
  const closePanel = () => {
    if (!panel || panel.hidden) return;
    panel.hidden = true;
    spread(false);
    panel.replaceChildren();
    all(".pg-current").forEach((row) => row.classList.remove("pg-current"));
    if (opener) opener.focus();
  };
  const openPanel = async (link) => {
    const answer = await fetch(`${link.href}&manh=1`, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) {
      window.location.assign(link.href);
      return;
    }
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    panel.replaceChildren(...parsed.body.childNodes);
    panel.hidden = false;
    spread(true);
    opener = link;
    all(".pg-current").forEach((row) => row.classList.remove("pg-current"));
    link.closest("tr").classList.add("pg-current");
    const close = one("[data-close]", panel);
    if (close) {
      close.hidden = false;
      close.addEventListener("click", closePanel);
      close.focus();
    }
  };
  if (panel) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-open]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || window.innerWidth < 1100) return;
      event.preventDefault();
      openPanel(link).catch(() => window.location.assign(link.href));
    });
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.target.matches("textarea, input")) closePanel();
    });
  }
  if (!form) return;

  /* What was typed and has not reached the server. */
  const KEY = `gu-grid:${document.body.dataset.user || ""}:${form.dataset.key}`;
  const kept = () => {
    try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return {}; }
  };
  const keep = (id, text) => {
    try {
      const held = kept();
      if (text === null) delete held[id]; else held[id] = text;
      if (Object.keys(held).length) localStorage.setItem(KEY, JSON.stringify(held));
      else localStorage.removeItem(KEY);
    } catch { /* storage is full or switched off: the cell is still sent */ }
  };

  const said = one("[data-saved]");
  const tell = (text, failed) => {
    if (!said) return;
    said.textContent = text;
    said.classList.toggle("gu-err", Boolean(failed));
  };
  const idOf = (input) => input.name.slice(2);
  const stateOf = (id) => one(`#t-${id}`);
  const hidden = (id) => form.elements[`c-${id}`];
  const served = (id) => hidden(id).value.split(":").slice(1).join(":");
  const mark = (id, kind, text) => {
    const part = document.createElement("span");
    part.className = `gu-state gu-${kind}`;
    part.textContent = text;
    stateOf(id).replaceChildren(part);
  };

  const show = (id, input, row, before) => {
    const line = input.closest("tr");
    stateOf(id).innerHTML = row.state;
    input.classList.remove("pg-wrong", "pg-doubt", "pg-returned");
    if (row.box) input.classList.add(row.box);
    if (row.failed) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
    if (row.failed) return;
    hidden(id).value = row.served;
    one("[data-total]", line).textContent = row.total || "–";
    one("[data-meter]", line).innerHTML = row.meter;
    /* Never under the fingers: only what has not been changed since it was sent. */
    if (input.value === before) {
      input.value = row.value;
      keep(id, null);
    }
    const unit = line.children[2].textContent.trim();
    if (row.value) tell(`Đọc là: ${row.value} ${unit}`.trim(), false);
  };

  const summary = (told) => {
    one("[data-summary]").textContent = told.summary;
    const bar = one("[data-bar]");
    bar.max = told.assigned;
    bar.value = told.entered;
    Object.entries(told.counts).forEach(([word, count]) => {
      const shown = one(`[data-count="${word}"]`);
      if (shown) shown.textContent = String(count);
    });
  };

  /* One sending after the other: two at once would meet as strangers. */
  let line = Promise.resolve();
  let waiting = 0;
  let again = 0;
  const send = (input, extra = {}) => {
    waiting += 1;
    line = line.then(() => deliver(input, extra)).finally(() => { waiting -= 1; });
    return line;
  };
  const LOST = "Chưa lưu được, mất kết nối. Số bạn nhập vẫn giữ trên máy này.";
  const deliver = async (input, extra) => {
    const id = idOf(input);
    const typed = input.value;
    if (typed.trim() === served(id) && !Object.keys(extra).length) {
      keep(id, null);
      return;
    }
    mark(id, "quiet", "Đang lưu…");
    const body = new URLSearchParams({
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, [`o-${id}`]: typed,
      [`c-${id}`]: hidden(id).value, ...extra,
    });
    ["narrative", "reason"].forEach((name) => {
      if (form.elements[name]) body.set(name, form.elements[name].value);
    });
    try {
      const answer = await fetch(window.location.href.split("#")[0], {
        method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" },
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const told = await answer.json();
      summary(told);
      if (told.rows[id]) show(id, input, told.rows[id], typed);
      if (told.message) tell(told.message, true);
      else if (!told.failed) tell(`${said.textContent.startsWith("Đọc là") ? `${said.textContent}. ` : ""}${told.saved}`, false);
      if (told.message && !(told.rows[id] && told.rows[id].failed)) mark(id, "err", told.message);
    } catch {
      keep(id, typed);
      mark(id, "err", "Chưa lưu được, giữ trên máy này");
      tell(LOST, true);
      window.clearTimeout(again);
      again = window.setTimeout(resend, 15000);
    }
  };
  const inputs = () => all("input.pg-input", form);
  const resend = () => {
    const held = kept();
    inputs().filter((input) => held[idOf(input)] !== undefined).forEach((input) => send(input));
  };
  window.addEventListener("online", resend);

  form.addEventListener("input", (event) => {
    if (event.target.matches("input.pg-input")) keep(idOf(event.target), event.target.value);
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("input.pg-input")) send(event.target);
  });
  form.addEventListener("click", (event) => {
    const choice = event.target.closest("button[name='giu'], button[name='thay']");
    if (!choice) return;
    event.preventDefault();
    const id = choice.value;
    const input = form.elements[`o-${id}`];
    const now = form.elements[`n-${id}`];
    const extra = { [choice.name]: id, [`n-${id}`]: now ? now.value : "" };
    keep(id, null);
    send(input, extra).then(() => {
      if (choice.name === "giu") input.value = served(id);
      input.focus();
    });
  });

  /* The next step waits until every cell can be read. */
  document.addEventListener("click", (event) => {
    const step = event.target.closest(".gu-actionbar a.btn-primary");
    const wrong = step && inputs().find((input) => input.matches("[aria-invalid]"));
    if (!wrong) return;
    event.preventDefault();
    wrong.focus();
    wrong.scrollIntoView({ block: "center" });
    tell(`Sửa ô lỗi ở chỉ tiêu ${wrong.closest("tr").children[0].textContent} trước.`, true);
  });

  /* Keys: Enter and the arrows walk through the column, Esc gives back what was saved. */
  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.matches("input.pg-input") || event.isComposing) return;
    const step = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      input.value = served(idOf(input));
      keep(idOf(input), null);
      input.select();
    }
    if (!step) return;
    event.preventDefault();
    const list = inputs();
    const next = list[list.indexOf(input) + step];
    if (next) {
      next.focus();
      next.select();
    } else input.blur();
  });

  /* A column copied from a spreadsheet fills downwards, each cell checked by itself. */
  form.addEventListener("paste", (event) => {
    if (!event.target.matches("input.pg-input")) return;
    const text = event.clipboardData.getData("text");
    const lines = text.replace(/\r/g, "").replace(/\n$/, "").split("\n");
    if (lines.length < 2) return;
    event.preventDefault();
    const list = inputs();
    const from = list.indexOf(event.target);
    lines.forEach((typed, place) => {
      const input = list[from + place];
      if (!input) return;
      input.value = typed.split("\t")[0].trim();
      keep(idOf(input), input.value);
      send(input);
    });
  });

  /* The button is often pressed straight from a cell: the form goes after what that cell sent. */
  let postponed = false;
  form.addEventListener("submit", (event) => {
    if (waiting === 0) {
      inputs().forEach((input) => keep(idOf(input), input.value === served(idOf(input)) ? null : input.value));
      return;
    }
    event.preventDefault();
    if (postponed) return;
    postponed = true;
    line.then(() => {
      postponed = false;
      form.requestSubmit(event.submitter);
    });
  });
  window.addEventListener("beforeunload", (event) => {
    if (waiting > 0) event.preventDefault();
  });

  /* What stayed behind when the line was cut comes back and is sent. */
  const held = kept();
  let back = 0;
  inputs().forEach((input) => {
    const text = held[idOf(input)];
    if (text === undefined) return;
    if (text.trim() === served(idOf(input))) {
      keep(idOf(input), null);
      return;
    }
    input.value = text;
    back += 1;
    if (!input.matches(".pg-wrong")) send(input);
  });
  if (back) tell(`Đã lấy lại ${back} số nhập dở trên máy này.`, false);
})();
