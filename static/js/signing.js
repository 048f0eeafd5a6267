/* Signing: the file in the page where there is room for it, the button that opens after the reading,
   and a list of signatures that stays true while others sign. Without this file the pages work: the
   paper opens in its own window and a reload shows the rest. */
(() => {
  "use strict";

  const one = (selector, root = document) => root.querySelector(selector);
  const read = async (url) => {
    const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  /* The lock follows the server, which knows whether the file was really sent to this person. */
  const form = one("form[data-sign]");
  const unlock = async () => {
    const locked = one("[data-sign-locked]");
    if (!form || !locked || locked.hidden) return;
    try {
      const state = await read(form.dataset.stateUrl);
      if (!state.may_sign) return;
    } catch {
      return;
    }
    locked.hidden = true;
    one("[data-sign-open]").hidden = false;
    const opened = one("[data-was-opened]");
    if (opened) opened.hidden = false;
    one("[data-sign-status]").textContent = "Đã mở đọc bản sẽ ký. Có thể ký.";
  };
  const followReading = () => {
    if (!form) return;
    ["focus", "pageshow"].forEach((kind) => window.addEventListener(kind, unlock));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) unlock(); });
  };

  /* Phones show no PDF inside a page; there the paper is opened with its own button. */
  const showPaper = () => {
    const place = one("[data-viewer]");
    const roomy = window.matchMedia("(min-width: 768px)").matches;
    if (!place || !roomy || navigator.pdfViewerEnabled === false) return;
    const frame = document.createElement("iframe");
    frame.title = place.dataset.title;
    frame.addEventListener("load", unlock);
    frame.src = `${place.dataset.viewer}#navpanes=0&view=FitH`;
    place.replaceChildren(frame);
  };

  const followSignatures = () => {
    const root = one("[data-live][data-mark]");
    if (!root) return;
    let mark = root.dataset.mark;
    let pause = 5000;
    const refresh = async () => {
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.querySelectorAll("[data-live]").forEach((part) => {
        const made = one(`[data-live="${part.dataset.live}"]`, fresh);
        if (made) part.replaceChildren(...made.childNodes);
      });
    };
    const ask = async () => {
      try {
        const state = await read(root.dataset.stateUrl);
        if (state.mark !== mark) {
          await refresh();
          mark = state.mark;
          one("[data-live-status]").textContent = `Đã có ${state.signed}/${state.total} chữ ký.`;
        }
        pause = 5000;
      } catch {
        pause = Math.min(pause * 2, 60000);
      }
      window.setTimeout(ask, document.hidden ? pause * 3 : pause);
    };
    window.setTimeout(ask, pause);
  };

  followReading();
  showPaper();
  followSignatures();
})();
