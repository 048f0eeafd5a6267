/* Writing a report: each place is saved by itself when one leaves it or pauses. Comfort only: the page
   is one form and works without this file. Nothing here changes what is being typed. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-review]");
  if (!form) return;
  const PAUSE = 2500;
  const AGAIN = 15000;
  const KEPT = `gu-review:${document.body.dataset.user || ""}:${form.dataset.review}:`;
  const places = Array.from(form.querySelectorAll("[data-place]"));
  const typed = (place) => Array.from(place.querySelectorAll("textarea, input")).filter((field) => field.type !== "hidden");
  const mark = (place) => place.querySelector("input[type=hidden]");
  const values = (place) => JSON.stringify(typed(place).map((field) => field.value));
  const state = new Map(places.map((place) => [place, { saved: values(place), timer: 0, busy: false }]));
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };
  const button = (text, act) => {
    const made = element("button", "btn btn-secondary btn-sm", text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };
  const say = (place, text, kind) => {
    const line = place.querySelector("[data-save-state]");
    line.textContent = text;
    ["gu-state", "gu-err"].forEach((name) => line.classList.toggle(name, kind === "err"));
  };
  const store = (place) => {
    try { localStorage.setItem(KEPT + mark(place).name, values(place)); } catch { /* switched off: the page still works */ }
  };
  const forget = (place) => {
    try { localStorage.removeItem(KEPT + mark(place).name); } catch { /* nothing was kept */ }
  };
  const dirty = (place) => values(place) !== state.get(place).saved;

  const clear = (place) => place.querySelectorAll("[data-clash]").forEach((box) => box.remove());
  const showClash = (place, answer) => {
    clear(place);
    const box = element("div", "gu-note gu-note-warning");
    const words = element("div");
    box.dataset.clash = "";
    words.append(element("p", "gu-strong", `Đang lưu${answer.who ? ` (${answer.who})` : ""}:`));
    const theirs = typed(place).filter((field) => field.name in answer.stored);
    theirs.forEach((field) => words.append(element("div", "pl-text", answer.stored[field.name] || "(để trống)")));
    const row = element("p", "gu-row");
    row.append(
      button("Giữ phần của tôi", () => { clear(place); save(place); }),
      button("Lấy bản đang lưu", () => {
        theirs.forEach((field) => { field.value = answer.stored[field.name]; });
        clear(place);
        save(place);
      }),
    );
    words.append(row);
    box.append(words);
    place.append(box);
  };

  const showGaps = (gaps) => {
    const list = document.querySelector("[data-gaps]");
    if (!list || !gaps) return;
    list.replaceChildren(...(gaps.length ? gaps : ["Đủ nội dung để nộp."]).map((gap) => element("li", "", gap)));
  };

  const take = (place, answer, sent) => {
    const own = state.get(place);
    if (answer.marks && answer.marks[mark(place).name]) mark(place).value = answer.marks[mark(place).name];
    showGaps(answer.gaps);
    if (answer.saved) {
      own.saved = sent;
      clear(place);
      if (!dirty(place)) forget(place);
      say(place, `Đã lưu lúc ${answer.saved}`);
    } else if (Object.keys(answer.stored).length) {
      say(place, "Người khác vừa sửa mục này, phần bạn viết chưa ghi.", "err");
      showClash(place, answer);
    } else say(place, Object.values(answer.faults)[0] || answer.refused || "Chưa lưu được.", "err");
  };

  const save = async (place) => {
    const own = state.get(place);
    window.clearTimeout(own.timer);
    if (own.busy || !dirty(place) || place.querySelector("[data-clash]")) return;
    own.busy = true;
    const sent = values(place);
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    [mark(place), ...typed(place)].forEach((field) => body.append(field.name, field.value));
    say(place, "Đang lưu…");
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok || !(answer.headers.get("Content-Type") || "").includes("json")) throw new Error(String(answer.status));
      take(place, await answer.json(), sent);
    } catch {
      say(place, "Chưa gửi được; phần bạn viết giữ trên máy này và sẽ gửi lại.", "err");
      own.timer = window.setTimeout(() => save(place), AGAIN);
    }
    own.busy = false;
    if (dirty(place) && values(place) !== sent) later(place);
  };
  const later = (place) => {
    const own = state.get(place);
    window.clearTimeout(own.timer);
    own.timer = window.setTimeout(() => save(place), PAUSE);
  };

  const offer = (place) => {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(KEPT + mark(place).name)); } catch { return; }
    if (!Array.isArray(kept)) return;
    if (JSON.stringify(kept) === values(place)) { forget(place); return; }
    const bar = element("div", "gu-draft");
    bar.setAttribute("role", "status");
    bar.append(element("span", "", "Trên máy này còn phần bạn viết chưa gửi."),
      button("Lấy lại", () => { typed(place).forEach((field, index) => { field.value = kept[index] ?? field.value; }); bar.remove(); save(place); }),
      button("Bỏ bản này", () => { forget(place); bar.remove(); }));
    place.prepend(bar);
  };

  form.autocomplete = "off";
  places.forEach((place) => {
    offer(place);
    place.addEventListener("input", () => { store(place); later(place); });
    place.addEventListener("change", () => save(place));
    const proposal = place.querySelector("[data-proposal-text]");
    const taker = place.querySelector("[data-take]");
    if (!taker || !proposal) return;
    taker.addEventListener("click", (event) => {
      event.preventDefault();
      const area = place.querySelector("textarea");
      area.value = area.value.trim() ? `${area.value.trimEnd()}\n\n${proposal.textContent}` : proposal.textContent;
      area.rows = Math.min(18, Math.max(area.rows, area.value.split("\n").length + 1));
      area.focus();
      store(place);
      later(place);
    });
  });
  window.addEventListener("online", () => places.forEach((place) => save(place)));
  let leaving = false;
  form.addEventListener("submit", () => { leaving = true; });
  window.addEventListener("beforeunload", (event) => {
    if (leaving || !places.some(dirty)) return;
    event.preventDefault();
  });
  /* What was sent with the whole form is no longer kept here, unless the server refused it. */
  window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
})();
