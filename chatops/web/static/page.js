"use strict";
// Copy buttons, and the page that fills itself while an investigation runs. Without script everything is readable.
(() => {
  const said = document.getElementById("said");
  const say = (text) => { said.textContent = ""; said.textContent = text; };

  function prepare() {
    for (const button of document.querySelectorAll("button.copy")) button.hidden = false;
    for (const time of document.querySelectorAll("time")) {
      const when = new Date(time.dateTime);
      if (!Number.isNaN(when.getTime())) time.title = `${time.title.split(" · ")[0]} · ${when.toLocaleString()} here`;
    }
  }

  async function copy(button) {
    const text = button.parentElement.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.parentElement.querySelector("code"));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      say("Selected: copy it with your keyboard");
      return;
    }
    button.textContent = "Copied";
    say("Copied");
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  // What somebody has unfolded, focused or scrolled to stays so when the content is replaced.
  function replace(html) {
    const old = document.getElementById("content");
    const parsed = new DOMParser().parseFromString(html, "text/html").getElementById("content");
    if (!parsed || parsed.outerHTML === old.dataset.told) return;
    const key = (node) => `${node.closest("[id]")?.id}/${node.querySelector("summary")?.textContent}`;
    const open = new Map([...old.querySelectorAll("details")].map((d) => [key(d), d.open]));
    const told = parsed.outerHTML;
    for (const details of parsed.querySelectorAll("details")) if (open.has(key(details))) details.open = open.get(key(details));
    const focus = document.activeElement?.closest("[id]")?.id;
    const held = old.contains(document.activeElement);
    old.replaceWith(parsed);
    parsed.dataset.told = told;
    if (held && focus) {
      const target = document.getElementById(focus);
      if (target) { target.tabIndex = -1; target.focus({ preventScroll: true }); }
    }
    prepare();
    say("The page was updated");
  }

  // A citation leads into what is folded: unfold it.
  function reveal() {
    const folded = document.getElementById(location.hash.slice(1))?.querySelector(":scope > details");
    if (folded) { folded.open = true; folded.scrollIntoView(); }
  }

  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
  });
  addEventListener("beforeprint", () => { for (const details of document.querySelectorAll("details")) details.open = true; });
  prepare();
  reveal();
  const live = document.body.dataset.live;
  if (live) {
    const source = new EventSource(live);
    source.onmessage = (event) => replace(JSON.parse(event.data).html);
    const told = (online) => { document.body.classList.toggle("online", online); document.body.classList.toggle("offline", !online); };
    source.onopen = () => told(true);
    source.onerror = () => told(false);
  }
})();
