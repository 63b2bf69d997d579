// How does a Block Kit block look? One function per type; a type that is not here is shown as its JSON, so a gap is seen.
import { visualization } from "./charts.js";
import { anchor, el, markdown, mrkdwn, plain, safeUrl } from "./text.js";

const ICONS = { pending: "○", in_progress: "◐", complete: "✓", error: "✕" };
const LEVELS = { default: "•", info: "ℹ", warning: "⚠", error: "✕", success: "✓" };

function text(object, on) {
  if (!object) return el("span");
  return object.type === "plain_text" ? el("div", { class: "text" }, plain(object.text)) : mrkdwn(object.text, on.names);
}

function button(element, block, on) {
  const label = plain(element.text?.text);
  const made = el("button", {
    type: "button",
    class: `action ${element.style ?? ""}`,
    "data-action": element.action_id,
    "aria-label": element.accessibility_label,
    onclick: () => on.click(made, { type: element.type, action_id: element.action_id, block_id: block.block_id, value: element.value, text: element.text, style: element.style }, element.confirm),
  }, label);
  if (!element.url || !safeUrl(element.url)) return made;
  const link = anchor(element.url, label);
  link.className = `action ${element.style ?? ""}`;
  link.dataset.action = element.action_id ?? "";
  return link;
}

function select(element, block, on) {
  const options = (element.options ?? []).map((o) => el("option", { value: o.value }, plain(o.text.text)));
  const made = el("select", { "aria-label": element.placeholder?.text ?? "Choose", "data-action": element.action_id, onchange: () => {
    const chosen = element.options.find((o) => o.value === made.value);
    if (chosen) on.click(made, { type: element.type, action_id: element.action_id, block_id: block.block_id, selected_option: chosen });
  } }, el("option", { value: "" }, element.placeholder?.text ?? "Choose…"), ...options);
  return made;
}

function feedback(element, block, on) {
  const thumb = (side, mark) => {
    const which = element[side];
    const made = el("button", { type: "button", class: "action thumb", "data-action": `${element.action_id}/${side}`, "aria-label": which.text?.text ?? side, onclick: () =>
      on.click(made, { type: "feedback_buttons", action_id: element.action_id, block_id: block.block_id, value: which.value, text: which.text }) }, mark);
    return made;
  };
  return el("span", { class: "feedback" }, thumb("positive_button", "👍"), thumb("negative_button", "👎"));
}

function overflow(element, block, on) {
  const rows = (element.options ?? []).map((o) => {
    const made = el("button", { type: "button", class: "action", onclick: () => on.click(made, { type: "overflow", action_id: element.action_id, block_id: block.block_id, selected_option: o }) }, plain(o.text.text));
    return made;
  });
  return el("details", { class: "overflow" }, el("summary", { "aria-label": "More" }, "⋯"), ...rows);
}

const ELEMENTS = {
  button, overflow, feedback_buttons: feedback, static_select: select, icon_button: (e, b, on) => button({ ...e, type: "icon_button" }, b, on),
  image: (e) => image(e), mrkdwn: (e, b, on) => mrkdwn(e.text, on.names), plain_text: (e) => el("span", {}, plain(e.text)),
};
const element = (e, block, on) => (ELEMENTS[e.type] ?? (() => unknown(e)))(e, block, on);
const image = (e) => (/^(https?:|data:image\/)/.test(e.image_url ?? "") ? el("img", { src: e.image_url, alt: e.alt_text ?? "" }) : el("span", {}, `[${e.alt_text ?? "image"}]`));

// --- rich text

function richLeaf(e, names) {
  const kind = { link: () => anchor(e.url, e.text ?? e.url), user: () => el("span", { class: "mention" }, "@" + (names.user(e.user_id) ?? e.user_id)), emoji: () => document.createTextNode(plain(`:${e.name}:`)), broadcast: () => el("span", { class: "mention" }, "@" + e.range) };
  let node = (kind[e.type] ?? (() => document.createTextNode(e.text ?? "")))();
  for (const [style, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) if (e.style?.[style]) node = el(tag, {}, node);
  return node;
}

function richPart(part, names) {
  const inner = (part.elements ?? []).map((e) => (e.elements ? richPart(e, names) : richLeaf(e, names)));
  if (part.type === "rich_text_preformatted") return el("pre", { tabindex: "0" }, ...inner);
  if (part.type === "rich_text_quote") return el("blockquote", {}, ...inner);
  if (part.type === "rich_text_list") return el(part.style === "ordered" ? "ol" : "ul", {}, ...inner.map((node) => el("li", {}, node)));
  return el("div", { class: "text" }, ...inner);
}

const rich = (block, on) => el("div", { class: "rich" }, ...(block?.elements ?? []).map((part) => richPart(part, on.names)));

// --- tables, plans

function cell(content, on) {
  return content.type === "rich_text" ? rich(content, on) : document.createTextNode(plain(content.text ?? String(content.value ?? "")));
}

function table(block, on) {
  const [head, ...body] = block.rows ?? [];
  const made = el("table", {}, el("thead", {}, el("tr", {}, ...(head ?? []).map((c) => el("th", { scope: "col" }, cell(c, on))))));
  made.append(el("tbody", {}, ...body.map((row) => el("tr", {}, ...row.map((c) => el("td", {}, cell(c, on)))))));
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Table" }, made);
}

function task(card, on) {
  const more = ["details", "output"].filter((key) => card[key]).map((key) => (typeof card[key] === "string" ? mrkdwn(card[key], on.names) : rich(card[key], on)));
  const links = (card.sources ?? []).map((s) => anchor(s.url, s.text ?? s.url));
  const head = [el("span", { class: `state ${card.status}`, role: "img", "aria-label": card.status ?? "" }, ICONS[card.status] ?? "○"), plain(card.title)];
  if (!more.length && !links.length) return el("div", { class: "task" }, ...head);
  return el("details", { class: "task" }, el("summary", {}, ...head), ...more, ...links);
}

function plan(block, on) {
  const title = block.title?.text ?? block.title ?? "";
  return el("div", { class: "plan", role: "group", "aria-label": title }, el("div", { class: "title" }, plain(title)), ...(block.tasks ?? []).map((t) => task(t, on)));
}

function section(block, on) {
  const body = el("div", { class: "body" });
  if (block.text) body.append(text(block.text, on));
  if (block.fields) body.append(el("div", { class: "fields" }, ...block.fields.map((f) => text(f, on))));
  return el("div", { class: "section" }, body, ...(block.accessory ? [element(block.accessory, block, on)] : []));
}

const row = (name) => (block, on) => el("div", { class: name }, ...(block.elements ?? []).map((e) => element(e, block, on)));
const children = (name) => (block, on) => el("div", { class: name }, ...(block.elements ?? block.blocks ?? block.cards ?? []).map((b) => render(b, on)));

function card(block, on) {
  const texts = ["title", "subtitle", "body"].filter((key) => block[key]).map((key) => el("div", { class: key === "title" ? "title" : "" }, text(block[key], on)));
  return el("div", { class: "card" }, ...texts, ...(block.actions ? [row("actions")({ ...block, elements: block.actions }, on)] : []));
}

const unknown = (block) => el("pre", { class: "unknown", tabindex: "0" }, JSON.stringify(block, null, 1));

const BLOCKS = {
  section, table, plan, card, data_table: table, task_card: task,
  header: (b) => el("h2", { class: "header" }, plain(b.text?.text)),
  divider: () => el("hr"),
  context: row("context"),
  actions: row("actions"),
  context_actions: row("actions quiet"),
  markdown: (b, on) => markdown(b.text ?? "", on.names),
  rich_text: rich,
  image: (b) => el("figure", {}, image(b), el("figcaption", {}, plain(b.title?.text ?? ""))),
  data_visualization: visualization,
  alert: (b, on) => el("div", { class: `alert ${b.level ?? "default"}`, role: "note" }, el("span", { "aria-hidden": "true" }, LEVELS[b.level] ?? "•"), typeof b.text === "string" ? plain(b.text) : text(b.text, on)),
  carousel: children("carousel"),
  container: children("container"),
  file: (b) => el("div", {}, `File ${b.external_id ?? ""}`),
  video: (b) => anchor(b.title_url ?? b.video_url ?? "", plain(b.title?.text ?? "Video")),
};

export function render(block, on) {
  return (BLOCKS[block.type] ?? unknown)(block, on);
}
