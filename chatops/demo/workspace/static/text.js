// How does text become elements? Slack's mrkdwn, the markdown block, and emoji names. Never through innerHTML.

const EMOJI = {
  white_check_mark: "✅", x: "❌", warning: "⚠️", rotating_light: "🚨", fire: "🔥", eyes: "👀", mag: "🔍",
  red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵",
  white_circle: "⚪", hourglass_flowing_sand: "⏳", thumbsup: "👍", thumbsdown: "👎", "+1": "👍", "-1": "👎",
  bulb: "💡", book: "📖", memo: "📝", rocket: "🚀", wrench: "🔧", stop_sign: "🛑", octagonal_sign: "🛑", clock3: "🕒",
  information_source: "ℹ️", question: "❓", bar_chart: "📊", link: "🔗", robot_face: "🤖", arrow_up: "⬆️", arrow_down: "⬇️",
};

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function safeUrl(url) {
  return /^(https?:|mailto:)/i.test(url) ? url : null;
}

export function anchor(url, ...children) {
  const href = safeUrl(url);
  if (!href) return el("span", {}, ...children);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const emoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (all, name) => EMOJI[name] ?? all);

// --- mrkdwn

function reference(inner, names) {
  const [target, label] = inner.split(/\|(.*)/s);
  if (target.startsWith("@")) return el("span", { class: "mention" }, "@" + (names.user(target.slice(1)) ?? label ?? target.slice(1)));
  if (target.startsWith("#")) return el("span", { class: "mention" }, "#" + (names.channel(target.slice(1)) ?? label ?? target.slice(1)));
  if (target.startsWith("!date^")) return document.createTextNode(slackDate(target, label));
  if (target.startsWith("!")) return el("span", { class: "mention" }, "@" + target.slice(1).split("^")[0]);
  return anchor(unescape(target), unescape(label ?? target));
}

function slackDate(target, fallback) {
  const when = new Date(Number(target.split("^")[1]) * 1000);
  return Number.isNaN(when.getTime()) ? unescape(fallback ?? "") : when.toLocaleString();
}

const INLINE = [
  [/^`([^`\n]+)`/, (m) => el("code", {}, unescape(m[1]))],
  [/^<([^>]+)>/, (m, names) => reference(m[1], names)],
  [/^\*(?=\S)([^*\n]*?\S)\*(?![\p{L}\p{N}])/u, (m, names) => el("strong", {}, ...inline(m[1], names))],
  [/^_(?=\S)([^_\n]*?\S)_(?![\p{L}\p{N}])/u, (m, names) => el("em", {}, ...inline(m[1], names))],
  [/^~(?=\S)([^~\n]*?\S)~(?![\p{L}\p{N}])/u, (m, names) => el("s", {}, ...inline(m[1], names))],
];

function scan(text, rules, names, plain) {
  const found = [];
  let rest = text, pending = "", before = "";
  const flush = () => { if (pending) found.push(document.createTextNode(plain(pending))); pending = ""; };
  outer: while (rest) {
    for (const [pattern, make] of rules) {
      const match = rest.match(pattern);
      if (match && !(/[*_~]/.test(match[0][0]) && /[\p{L}\p{N}]/u.test(before))) {
        flush();
        found.push(make(match, names));
        before = match[0].at(-1);
        rest = rest.slice(match[0].length);
        continue outer;
      }
    }
    const next = [...rest][0];
    pending += next; before = next; rest = rest.slice(next.length);
  }
  flush();
  return found;
}

const inline = (text, names) => scan(text, INLINE, names, (raw) => emoji(unescape(raw)));

export function mrkdwn(text, names) {
  const out = el("div", { class: "text" });
  for (const [number, part] of text.split(/```/).entries()) {
    if (number % 2) { out.append(el("pre", { tabindex: "0" }, unescape(part.replace(/^\n|\n$/g, "")))); continue; }
    const lines = part.replace(/^\n|\n$/g, "").split("\n");
    if (lines.length === 1 && !lines[0]) continue;
    for (const line of lines) {
      const quote = line.match(/^&gt;\s?(.*)/);
      out.append(quote ? el("blockquote", {}, ...inline(quote[1], names)) : el("div", {}, ...(line ? inline(line, names) : [el("br")])));
    }
  }
  return out;
}

export const plain = (text) => emoji(text ?? "");

// --- the markdown block

const MARKDOWN = [
  [/^`([^`\n]+)`/, (m) => el("code", {}, m[1])],
  [/^\[([^\]\n]+)\]\(([^)\s]+)\)/, (m, names) => anchor(m[2], ...spans(m[1], names))],
  [/^<(https?:[^>\s]+)>/, (m) => anchor(m[1], m[1])],
  [/^(https?:\/\/[^\s)]+)/, (m) => anchor(m[1], m[1])],
  [/^\*\*(?=\S)([^\n]*?\S)\*\*/, (m, names) => el("strong", {}, ...spans(m[1], names))],
  [/^\*(?=\S)([^*\n]*?\S)\*/, (m, names) => el("em", {}, ...spans(m[1], names))],
  [/^_(?=\S)([^_\n]*?\S)_(?![\p{L}\p{N}])/u, (m, names) => el("em", {}, ...spans(m[1], names))],
  [/^\\([\\`*_{}[\]()#+.!<>|~-])/, (m) => document.createTextNode(m[1])],
];
const spans = (text, names) => scan(text, MARKDOWN, names, (raw) => emoji(unescape(raw)));

function table(rows, names) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  const [head, , ...body] = rows;
  const made = el("table", {}, el("thead", {}, el("tr", {}, ...cells(head).map((c) => el("th", { scope: "col" }, ...spans(c, names))))));
  made.append(el("tbody", {}, ...body.map((row) => el("tr", {}, ...cells(row).map((c) => el("td", {}, ...spans(c, names)))))));
  return el("div", { class: "scroll", tabindex: "0" }, made);
}

export function markdown(text, names) {
  const out = el("div", { class: "text markdown" });
  const lines = text.split("\n");
  let list = null;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    const item = line.match(/^\s*(?:[-*+]|(\d+)[.)])\s+(.*)/);
    if (!item) list = null;
    if (/^\s*(```|~~~)/.test(line)) {
      const fence = line.trim().slice(0, 3), code = [];
      while (++i < lines.length && !lines[i].trim().startsWith(fence)) code.push(lines[i]);
      out.append(el("pre", { tabindex: "0" }, code.join("\n")));
    } else if (item) {
      const kind = item[1] ? "ol" : "ul";
      if (!list || list.tagName.toLowerCase() !== kind) out.append((list = el(kind, item[1] ? { start: item[1] } : {})));
      list.append(el("li", {}, ...spans(item[2], names)));
    } else if (line.includes("|") && /^\s*\|?[\s:|-]+\|[\s:|-]*$/.test(lines[i + 1] ?? "")) {
      const rows = [line];
      while (++i < lines.length && lines[i].includes("|")) rows.push(lines[i]);
      i--;
      out.append(table(rows, names));
    } else if (/^#{1,6}\s/.test(line)) out.append(el("p", { class: "title" }, ...spans(line.replace(/^#+\s*/, ""), names)));
    else if (/^>\s?/.test(line)) out.append(el("blockquote", {}, ...spans(line.replace(/^>\s?/, ""), names)));
    else if (/^\s*(-{3,}|\*{3,})\s*$/.test(line)) out.append(el("hr"));
    else if (line.trim()) out.append(el("p", {}, ...spans(line, names)));
  }
  return out;
}
