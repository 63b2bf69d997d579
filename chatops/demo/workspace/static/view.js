// How is a modal shown and sent? Inputs of Block Kit as form fields, errors beside the field they are about.
import { render } from "./blocks.js";
import { el, plain } from "./text.js";

function options(element) {
  return [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
}

function chosen(element, value) {
  return options(element).find((option) => option.value === value) ?? null;
}

const FIELDS = {
  plain_text_input(e, id) {
    const made = el(e.multiline ? "textarea" : "input", { id, placeholder: e.placeholder?.text, maxlength: e.max_length, rows: e.multiline ? 4 : null });
    made.value = e.initial_value ?? "";
    return { made, read: () => ({ type: e.type, value: made.value || null }) };
  },
  static_select(e, id) {
    const made = el("select", { id }, ...(e.initial_option ? [] : [el("option", { value: "" }, "Choose…")]), ...options(e).map((o) => el("option", { value: o.value, selected: o.value === e.initial_option?.value }, plain(o.text.text))));
    return { made, read: () => ({ type: e.type, selected_option: chosen(e, made.value) }) };
  },
  conversations_select(e, id, on) {
    const made = el("select", { id }, ...on.channels.map((c) => el("option", { value: c.id, selected: c.id === (e.initial_conversation ?? on.current) }, `#${c.name}`)));
    return { made, read: () => ({ type: e.type, selected_conversation: made.value }) };
  },
  checkboxes(e, id) {
    const boxes = options(e).map((o, n) => [o, el("input", { type: "checkbox", id: `${id}-${n}`, checked: e.initial_options?.some((i) => i.value === o.value) })]);
    const made = el("div", { id }, ...boxes.map(([o, box]) => el("label", {}, box, plain(o.text.text))));
    return { made, read: () => ({ type: e.type, selected_options: boxes.filter(([, box]) => box.checked).map(([o]) => o) }) };
  },
  radio_buttons(e, id) {
    const boxes = options(e).map((o) => [o, el("input", { type: "radio", name: id, checked: o.value === e.initial_option?.value })]);
    const made = el("div", { id }, ...boxes.map(([o, box]) => el("label", {}, box, plain(o.text.text))));
    return { made, read: () => ({ type: e.type, selected_option: boxes.find(([, box]) => box.checked)?.[0] ?? null }) };
  },
};
FIELDS.channels_select = FIELDS.conversations_select;
FIELDS.external_select = FIELDS.static_select;

function input(block, number, on, readers) {
  const id = `field-${number}`;
  const field = (FIELDS[block.element.type] ?? FIELDS.plain_text_input)(block.element, id, on);
  readers.push([block.block_id ?? `b${number}`, block.element.action_id, field.read]);
  const label = el("label", { for: id }, plain(block.label.text), block.optional ? el("span", { class: "dim" }, " (optional)") : "");
  const error = el("p", { class: "error", role: "alert", "data-block": block.block_id ?? `b${number}` });
  return el("div", { class: "input" }, label, field.made, block.hint ? el("p", { class: "dim" }, plain(block.hint.text)) : null, error);
}

export function showView(dialog, view, on) {
  const readers = [];
  const body = (view.blocks ?? []).map((block, n) => (block.type === "input" ? input(block, n, on, readers) : render({ ...block, block_id: block.block_id ?? `b${n}` }, on)));
  const close = el("button", { type: "button", onclick: () => dialog.close() }, plain(view.close?.text ?? "Close"));
  const send = view.submit ? el("button", { type: "submit", class: "primary" }, plain(view.submit.text)) : null;
  const form = el("form", {}, el("div", { class: "heading" }, el("h2", { id: "view-title" }, plain(view.title?.text))), ...body, el("p", { class: "error", role: "alert" }), el("div", { class: "buttons" }, close, send));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = {};
    for (const [block, action, read] of readers) (values[block] ??= {})[action] = read();
    const answer = await on.submit(view.id, values);
    for (const place of form.querySelectorAll("[data-block]")) place.textContent = answer.errors?.[place.dataset.block] ?? "";
    form.querySelector(":scope > .error").textContent = answer.error ?? "";
    if (answer.view) showView(dialog, answer.view, on);
    else if (!answer.errors && !answer.error) dialog.close();
  });
  dialog.replaceChildren(form);
  dialog.dataset.view = view.id;
  if (!dialog.open) dialog.showModal();
}
