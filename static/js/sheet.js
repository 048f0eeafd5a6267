/* The self-score sheet: each criterion is sent on leaving it. Without this file the same form is
   sent group by group or as a whole. Nothing here changes what is being typed. */
(() => {
  "use strict";

  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const one = (selector, root = document) => root.querySelector(selector);
  const form = one("form[data-sheet]");
  if (!form) return;

  const said = one("[data-saved]");
  const tell = (text, failed) => {
    if (!said) return;
    said.textContent = text;
    said.classList.toggle("gu-err", Boolean(failed));
  };
  const rowOf = (input) => input.closest("tr[data-line]");
  const mark = (row, kind, text) => {
    const part = document.createElement("span");
    part.className = `gu-state gu-${kind}`;
    part.textContent = text;
    one("[data-state]", row).replaceChildren(part);
  };
  const fieldsOf = (row) => all("input, select, textarea", row).filter((field) => field.name);
  const unsent = new Set();

  const show = (told) => {
    const summary = one("[data-summary]");
    if (summary) summary.textContent = told.summary;
    const bar = one("[data-bar]");
    if (bar) bar.value = told.done;
    Object.entries(told.counts).forEach(([word, count]) => {
      const place = one(`[data-count="${word}"]`);
      if (place) place.textContent = String(count);
    });
    Object.entries(told.points).forEach(([id, points]) => {
      const place = one(`[data-points="${id}"]`);
      if (place) place.innerHTML = points;
    });
    Object.entries(told.groups).forEach(([id, points]) => {
      const place = one(`[data-group="${id}"]`);
      if (place) place.textContent = points;
    });
    Object.entries(told.totals).forEach(([name, text]) => {
      const place = one(`[data-total="${name}"]`);
      if (place) place.textContent = text || "–";
    });
  };

  /* One sending after the other: two at once would meet as strangers. */
  let queue = Promise.resolve();
  let waiting = 0;
  let again = 0;
  const send = (row, extra = {}) => {
    unsent.add(row);
    waiting += 1;
    queue = queue.then(() => deliver(row, extra)).finally(() => { waiting -= 1; });
    return queue;
  };
  const deliver = async (row, extra) => {
    const id = row.dataset.line;
    const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    fieldsOf(row).forEach((field) => {
      if (field.type !== "checkbox" || field.checked) body.append(field.name, field.value);
    });
    Object.entries(extra).forEach(([name, value]) => body.set(name, value));
    mark(row, "quiet", "Đang lưu…");
    try {
      const answer = await fetch(window.location.href.split("#")[0], {
        method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" },
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const told = await answer.json();
      unsent.delete(row);
      show(told);
      const now = told.rows[id];
      if (now) {
        one("[data-state]", row).innerHTML = now.state;
        if (!now.failed) one(`input[name="c-${id}"]`, row).value = now.served;
        one(".sc-figure", row).classList.toggle("sc-wrong", now.failed);
        fieldsOf(row).forEach((field) => {
          if (field.type !== "hidden") field.toggleAttribute("aria-invalid", now.failed);
        });
      }
      if (told.message) {
        tell(told.message, true);
        if (!(now && now.failed)) mark(row, "err", told.message);
      } else tell(told.failed ? "Chưa lưu, xem cột trạng thái." : told.saved, told.failed);
    } catch {
      mark(row, "err", "Chưa lưu được, mất kết nối. Số bạn nhập vẫn còn ở đây.");
      tell("Chưa lưu được, mất kết nối. Đừng đóng trang; sẽ tự gửi lại.", true);
      window.clearTimeout(again);
      again = window.setTimeout(resend, 15000);
    }
  };
  const resend = () => unsent.forEach((row) => send(row));
  window.addEventListener("online", resend);

  form.addEventListener("input", (event) => {
    const row = rowOf(event.target);
    if (row) unsent.add(row);
  });
  form.addEventListener("change", (event) => {
    const row = rowOf(event.target);
    if (row) send(row);
  });
  form.addEventListener("click", (event) => {
    const choice = event.target.closest("button[name='giu'], button[name='thay']");
    if (!choice) return;
    event.preventDefault();
    if (choice.name === "giu") {
      unsent.delete(rowOf(choice));
      window.location.reload();
      return;
    }
    send(rowOf(choice), { thay: choice.value });
  });
  /* The button is often pressed straight from a field: the form goes after what that field sent,
     or the two would meet as strangers too. */
  let postponed = false;
  form.addEventListener("submit", (event) => {
    if (waiting === 0) {
      unsent.clear();
      return;
    }
    event.preventDefault();
    if (postponed) return;
    postponed = true;
    queue.then(() => {
      postponed = false;
      form.requestSubmit(event.submitter);
    });
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsent.size > 0) event.preventDefault();
  });

  /* Enter walks down the column of figures. */
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches(".sc-figure input[type='text']")) return;
    event.preventDefault();
    const list = all(".sc-figure input[type='text'], .sc-figure select", form);
    const next = list[list.indexOf(event.target) + (event.shiftKey ? -1 : 1)];
    if (next) next.focus(); else event.target.blur();
  });
})();
