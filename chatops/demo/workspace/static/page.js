// The page of the demo's workspace: keeps what the server tells, shows a channel and a thread, sends what a person does.
import { render } from "./blocks.js";
import { el, mrkdwn, plain } from "./text.js";
import { showView } from "./view.js";

const $ = (id) => document.getElementById(id);
const state = { users: new Map(), channels: [], messages: new Map(), statuses: {}, channel: null, thread: null, home: null, followed: null };
const names = {
  user: (id) => state.users.get(id)?.name,
  channel: (id) => state.channels.find((c) => c.id === id)?.name,
};
const wide = matchMedia("(min-width: 1000px)");

async function post(name, body) {
  const answer = await fetch(`/workspace/${name}`, { method: "POST", headers: { "content-type": "application/json", "x-workspace": "demo" }, body: JSON.stringify(body) });
  return answer.json().catch(() => ({ error: `HTTP ${answer.status}` }));
}

// --- messages

const time = (ts) => new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

function handlers(channel, message) {
  return {
    names,
    async click(button, action, confirm) {
      if (confirm && !(await confirmed(confirm))) return;
      button.disabled = true;
      button.classList.add("busy");
      const answer = await post("click", { channel, ts: message.ts, action });
      button.disabled = false;
      button.classList.remove("busy");
      if (answer.error) say(button.closest(".message"), answer.error);
    },
  };
}

function say(node, error) {
  const old = node.querySelector(":scope > .error");
  const made = el("p", { class: "error", role: "alert" }, error);
  if (old) old.replaceWith(made); else node.append(made);
}

function confirmed(confirm) {
  const dialog = $("confirm");
  return new Promise((resolve) => {
    const yes = el("button", { type: "button", class: "primary", onclick: () => dialog.close("yes") }, plain(confirm.confirm?.text ?? "Yes"));
    const no = el("button", { type: "button", onclick: () => dialog.close("no") }, plain(confirm.deny?.text ?? "No"));
    dialog.replaceChildren(el("h2", { id: "confirm-title" }, plain(confirm.title?.text)), el("p", {}, plain(confirm.text?.text)), el("div", { class: "buttons" }, no, yes));
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.returnValue = "no";
    dialog.showModal();
  });
}

function body(channel, message) {
  const on = handlers(channel, message);
  const blocks = message.blocks?.length ? message.blocks.map((block) => render(block, on)) : [mrkdwn(message.text ?? "", names)];
  for (const attachment of message.attachments ?? []) {
    const inner = attachment.blocks?.length ? attachment.blocks.map((block) => render(block, on)) : [mrkdwn(attachment.text ?? attachment.fallback ?? "", names)];
    const made = el("div", { class: "attachment" }, ...inner);
    if (attachment.color) made.style.setProperty("--edge", /^[0-9a-f]{6}$/i.test(attachment.color) ? `#${attachment.color}` : attachment.color);
    blocks.push(made);
  }
  for (const file of message.files ?? []) blocks.push(el("a", { class: "file", href: `/files/${file.id}`, target: "_blank", rel: "noopener" }, `📄 ${file.title ?? file.name}`));
  return blocks;
}

function shown(channel, message, inThread) {
  const user = state.users.get(message.user) ?? { name: "someone", is_bot: false };
  const marks = [el("strong", { class: "author" }, user.name), user.is_bot ? el("span", { class: "app" }, "APP") : null, el("time", {}, time(message.ts)), message.edited ? el("span", { class: "dim" }, "(edited)") : null, message.streaming ? el("span", { class: "dim" }, "writing…") : null];
  const made = el("article", { class: `message${message.ephemeral ? " ephemeral" : ""}`, "data-ts": message.ts }, el("div", { class: `avatar ${user.is_bot ? "bot" : ""}`, "aria-hidden": "true" }, user.is_bot ? "⌁" : user.name[0].toUpperCase()), el("div", { class: "head" }, ...marks.filter(Boolean)));
  if (message.ephemeral) made.append(el("div", { class: "dim" }, "Only visible to you"));
  made.append(el("div", { class: "blocks" }, ...body(channel, message)));
  if (message.reactions?.length) made.append(el("div", { class: "reactions" }, ...message.reactions.map((r) => el("span", {}, `${plain(`:${r.name}:`)} ${r.count}`))));
  if (!inThread && !message.ephemeral) made.append(threadLink(channel, message));
  return made;
}

function threadLink(channel, message) {
  const count = message.reply_count ?? 0;
  const doing = state.statuses[`${channel}/${message.ts}`]?.status;
  const label = count ? `${count} ${count === 1 ? "reply" : "replies"}` : "Reply in thread";
  return el("div", { class: "more" }, el("button", { type: "button", class: "link", "data-action": "open-thread", onclick: () => openThread(channel, message.ts, true) }, label), doing ? el("span", { class: "dim" }, doing) : "");
}

function place(list, made, ts, own) {
  const old = list.querySelector(`[data-ts="${ts}"]`);
  const near = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  if (old) {
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset.action : null;
    const unfolded = [...old.querySelectorAll("details")].map((d) => d.open);
    old.replaceWith(made);
    made.querySelectorAll("details").forEach((d, n) => { d.open = unfolded[n] ?? d.open; });
    if (focused) made.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus();
  } else {
    const after = [...list.children].find((node) => Number(node.dataset.ts) > Number(ts));
    list.insertBefore(made, after ?? null);
  }
  // An edit leaves what one reads where it is; what is new is followed by who was at the end, or wrote it.
  if (own || (near && !old)) list.scrollTop = list.scrollHeight;
  else if (!old && list.id === "messages" && state.loaded) list.scrollTop = made.offsetTop - list.offsetTop;
}

const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;

function show(channel, message) {
  const inThread = state.thread && state.thread.channel === channel && (message.thread_ts ?? message.ts) === state.thread.ts;
  const own = message.user === state.person;
  if (channel === state.channel && !isReply(message)) place($("messages"), shown(channel, message, false), message.ts, own);
  if (inThread) place($("replies"), shown(channel, message, true), message.ts, own && isReply(message));
}

function keep(channel, message) {
  if (!state.messages.has(channel)) state.messages.set(channel, new Map());
  state.messages.get(channel).set(message.ts, message);
}

// --- channel and thread

const sorted = (channel) => [...(state.messages.get(channel)?.values() ?? [])].sort((a, b) => a.ts - b.ts);

function openChannel(id) {
  state.channel = id;
  const channel = state.channels.find((c) => c.id === id);
  $("channel-name").textContent = channel.is_im ? channel.name : `#${channel.name}`;
  $("topic").textContent = channel.topic?.value ?? "Messages to the app, only between you";
  $("compose").placeholder = channel.is_im ? "Message chatops" : `Message #${channel.name}, or ${state.command} what is wrong`;
  $("messages").replaceChildren();
  for (const message of sorted(id)) if (!isReply(message)) show(id, message);
  $("messages").scrollTop = $("messages").scrollHeight;
  if (state.thread?.channel !== id) closeThread();
  menu(false);
  drawChannels();
}

function openThread(channel, ts, focus) {
  state.thread = { channel, ts };
  $("thread").hidden = false;
  document.body.classList.add("with-thread");
  $("replies").replaceChildren();
  for (const message of sorted(channel)) if ((message.thread_ts ?? message.ts) === ts) show(channel, message);
  $("replies").scrollTop = 0;
  drawStatus();
  if (focus) $("reply").focus();
}

function closeThread() {
  state.thread = null;
  $("thread").hidden = true;
  document.body.classList.remove("with-thread");
}

function drawStatus() {
  const key = state.thread ? `${state.thread.channel}/${state.thread.ts}` : "";
  const now = state.statuses[key] ?? {};
  const stop = now.processing ? el("button", { type: "button", onclick: () => post("stop", { channel: state.thread.channel, thread_ts: state.thread.ts }) }, "Stop") : "";
  $("status").replaceChildren(...(now.status ? [el("span", { class: "pulse", "aria-hidden": "true" }), el("span", {}, `chatops ${now.status}`)] : []), stop);
}

function drawChannels() {
  const row = (channel) => el("li", {}, el("button", { type: "button", "aria-current": channel.id === state.channel ? "page" : null, onclick: () => openChannel(channel.id) }, channel.is_im ? "⌁ chatops" : `# ${channel.name}`));
  $("channels").replaceChildren(...state.channels.filter((c) => !c.is_im).map(row));
  const home = el("li", {}, el("button", { type: "button", onclick: openHome }, "⌂ chatops home"));
  $("apps").replaceChildren(...state.channels.filter((c) => c.is_im).map(row), home);
}

async function openHome() {
  await post("home", {});
  menu(false);
  state.wantsHome = true;
  if (state.home) showHome();
}

function showHome() {
  if (!state.wantsHome) return;
  showView($("view"), { ...state.home, title: { text: "chatops" } }, viewHandlers());
}

// --- what a person does

function viewHandlers() {
  return {
    names, channels: state.channels.filter((c) => !c.is_im), current: state.channel,
    submit: (view_id, values) => post("submit", { view_id, values }),
    async click(button, action) {
      const answer = await post("press", { view_id: $("view").dataset.view, action });
      if (answer.error) say(button.closest("form"), answer.error);
    },
  };
}

function composer(form, field, send) {
  const grow = () => { field.style.height = "auto"; field.style.height = `${Math.min(field.scrollHeight, 160)}px`; };
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    grow();
    const answer = await send(text);
    form.querySelector(".error").textContent = answer.error ?? "";
    if (answer.error) field.value = text;
  });
}

function suggest() {
  const button = (text) => el("button", { type: "button", onclick: () => { $("compose").value = text; $("compose").focus(); } }, text);
  const asked = state.incidents.find((i) => i.name === state.current) ?? state.incidents[0];
  $("suggestions").replaceChildren(button(`${state.command} ${asked.question}`), button("@chatops what changed in the last half hour?"), button(`${state.command} help`));
}

function drawIncidents() {
  const row = (incident) => el("li", {}, el("button", { type: "button", onclick: async () => {
    $("incidents").close();
    state.current = incident.name;
    state.followed = null;
    suggest();
    openChannel(state.channels[0].id);
    const answer = await post("incident", { name: incident.name });
    if (answer.error) $("composer").querySelector(".error").textContent = answer.error;
  } }, el("strong", {}, incident.title), el("span", {}, incident.story)));
  $("incident-list").replaceChildren(...state.incidents.map(row));
}

function menu(open) {
  document.body.classList.toggle("with-menu", open);
  $("menu").setAttribute("aria-expanded", String(open));
}

// --- what the server tells

const CHANGES = {
  message({ channel, message }) {
    const fresh = !state.messages.get(channel)?.has(message.ts);
    keep(channel, message);
    show(channel, message);
    // The first thread of an incident opens by itself where there is room: it is what one came to see.
    if (fresh && wide.matches && channel === state.channel && !isReply(message) && !message.ephemeral && state.users.get(message.user)?.is_bot && state.followed === null) {
      state.followed = message.ts;
      openThread(channel, message.ts, false);
    }
  },
  deleted({ channel, ts }) {
    state.messages.get(channel)?.delete(ts);
    document.querySelectorAll(`[data-ts="${ts}"]`).forEach((node) => node.remove());
  },
  status({ key, status }) {
    state.statuses[key] = status;
    drawStatus();
    const [channel, ts] = key.split("/");
    const root = state.messages.get(channel)?.get(ts);
    if (root && channel === state.channel) show(channel, root);
  },
  view({ view }) { showView($("view"), view, viewHandlers()); },
  home({ view }) { state.home = view; showHome(); },
};

async function load() {
  const told = await (await fetch("/workspace/state")).json();
  for (const user of told.users) state.users.set(user.id, user);
  Object.assign(state, { channels: told.channels, statuses: told.statuses, home: told.home, incidents: told.incidents, command: told.command, person: told.person, current: told.current });
  for (const [channel, messages] of Object.entries(told.messages)) for (const message of messages) keep(channel, message);
  $("engine").textContent = told.engine;
  $("engine").classList.toggle("model", told.model);
  drawIncidents();
  suggest();
  state.loaded = false;
  const [, channel, ts] = location.hash.match(/^#([CD]\w+)(?:\/([\d.]+))?/) ?? [];
  openChannel(channel ?? state.channel ?? state.channels[0].id);
  const roots = sorted(state.channel).filter((m) => !isReply(m) && state.users.get(m.user)?.is_bot && !m.ephemeral);
  const first = ts ?? (wide.matches ? roots.at(-1)?.ts : undefined);
  if (first && state.messages.get(state.channel)?.has(first)) { state.followed = first; openThread(state.channel, first, false); }
  state.loaded = true;
}

function listen() {
  const source = new EventSource("/workspace/events");
  let lost = false;
  source.onopen = () => { document.body.classList.remove("offline"); if (lost) load(); lost = false; };
  source.onerror = () => { lost = true; document.body.classList.add("offline"); };
  source.onmessage = (event) => { const change = JSON.parse(event.data); CHANGES[change.type]?.(change); };
}

composer($("composer"), $("compose"), (text) => post("say", { channel: state.channel, text }));
composer($("reply-composer"), $("reply"), (text) => post("say", { channel: state.thread.channel, thread_ts: state.thread.ts, text }));
$("close-thread").onclick = () => { const ts = state.thread?.ts; closeThread(); document.querySelector(`[data-ts="${ts}"] .more button`)?.focus(); };
$("menu").onclick = () => menu(!document.body.classList.contains("with-menu"));
$("fire").onclick = () => $("incidents").showModal();
$("view").addEventListener("close", () => { state.wantsHome = false; });
document.querySelectorAll("[data-close]").forEach((button) => { button.onclick = () => button.closest("dialog").close(); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && state.thread && !document.querySelector("dialog[open]")) closeThread(); });
listen();
load();
