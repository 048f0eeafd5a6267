/* Comparing a file with the original: the hash is worked out on this machine, nothing is sent.
   The words of every outcome stand in the page; this shows the one that holds. */
(() => {
  "use strict";

  /* SHA-256 (FIPS 180-4). crypto.subtle exists only on https and localhost; offices use http. */
  const K = [];
  const START = [];
  const prepare = () => {
    const fraction = (root) => Math.floor((root - Math.floor(root)) * 4294967296) | 0;
    const isPrime = (n) => {
      for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false;
      return true;
    };
    for (let n = 2; K.length < 64; n += 1) {
      if (!isPrime(n)) continue;
      if (START.length < 8) START.push(fraction(Math.sqrt(n)));
      K.push(fraction(Math.cbrt(n)));
    }
  };
  const turn = (word, by) => (word >>> by) | (word << (32 - by));
  const mix = (hash, w) => {
    for (let i = 16; i < 64; i += 1) {
      const a = w[i - 15];
      const b = w[i - 2];
      w[i] = (w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let i = 0; i < 64; i += 1) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { hash[i] = (hash[i] + word) | 0; });
  };
  const plainSha = (bytes) => {
    if (!K.length) prepare();
    const hash = Int32Array.from(START);
    const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(bytes.length / 536870912));
    view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
    const words = new Int32Array(64);
    for (let at = 0; at < padded.length; at += 64) {
      for (let i = 0; i < 16; i += 1) words[i] = view.getInt32(at + i * 4);
      mix(hash, words);
    }
    return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  };
  const sha256 = async (buffer) => {
    if (!window.crypto || !window.crypto.subtle) return plainSha(new Uint8Array(buffer));
    const digest = await window.crypto.subtle.digest("SHA-256", buffer);
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  /* For the test that holds it to the standard. */
  window.giaoUoc = { ...window.giaoUoc, plainSha };

  const root = document.querySelector("[data-verify]");
  if (!root) return;
  const input = root.querySelector("input[type=file]");
  const drop = root.querySelector(".gu-drop");
  const result = document.querySelector("[data-verify-result]");
  const heading = document.querySelector("[data-verify-original]");

  const grouped = (text, size, sign) => text.match(new RegExp(`.{1,${size}}`, "g")).join(sign);
  const thousands = (count) => String(count).replace(/\B(?=(?:[0-9]{3})+$)/g, ".");
  const show = (outcome, facts = {}) => {
    const made = root.querySelector(`template[data-outcome="${outcome}"]`).content.cloneNode(true);
    made.querySelectorAll("[data-fill]").forEach((place) => { place.textContent = facts[place.dataset.fill] || ""; });
    result.replaceChildren(made);
    heading.hidden = false;
    result.scrollIntoView({ block: "center" });
  };
  const outcomeOf = (hash) => {
    if (hash === root.dataset.sha256) return "same";
    return root.dataset.earlier.split(" ").includes(hash) ? "earlier" : "different";
  };
  const compare = async (file) => {
    if (!file) return;
    result.hidden = false;
    result.textContent = "Đang tính mã băm…";
    try {
      const hash = await sha256(await file.arrayBuffer());
      show(outcomeOf(hash), { name: file.name, size: `${thousands(file.size)} byte`, hash: grouped(hash, 4, " ") });
    } catch {
      show("unreadable");
    }
  };

  root.hidden = false;
  input.addEventListener("change", () => compare(input.files[0]));
  ["dragenter", "dragover"].forEach((kind) => drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("gu-drop-over");
  }));
  ["dragleave", "drop"].forEach((kind) => drop.addEventListener(kind, () => drop.classList.remove("gu-drop-over")));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    compare(event.dataTransfer.files[0]);
  });
})();
