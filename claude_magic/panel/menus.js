// What is within reach and out of the way: settings, and the choice of the conversation.

import { h, icon, iconButton, textButton } from "./elements.js";
import { count, when } from "./words.js";

/** A button that opens a sheet over the panel; Escape and a click elsewhere close it. */
export class Sheet {
  constructor(panel, button, label, fill) {
    this.button = button;
    this.panel = panel;
    this.fill = fill;
    this.element = h("div", { className: "cp-sheet", role: "dialog", "aria-label": label, hidden: true });
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", () => (this.element.hidden ? this.open() : this.close()));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
    this._away = (event) => {
      const inside = event.composedPath();
      if (!inside.includes(this.element) && !inside.includes(button)) this.close(false);
    };
  }

  open() {
    this.element.replaceChildren(...this.fill(() => this.close()));
    this.element.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.panel.addEventListener("pointerdown", this._away);
    this.element.querySelector("button, input, select, textarea, a")?.focus();
  }

  close(back = true) {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.panel.removeEventListener("pointerdown", this._away);
    if (back) this.button.focus();
  }
}

/** The fields of the settings; each change is sent at once. */
export function settingsFields(store, close) {
  const { choices, defaults } = store;
  const choose = (name) => (event) => {
    const { type, checked, value } = event.target;
    store.choose({ [name]: type === "checkbox" ? checked : value });
  };
  const models = [["", `As in the notebook (${defaults.model ?? ""})`], ...defaults.models.map((id) => [id, id])];
  const efforts = [["", "As the model does"], ...["low", "medium", "high", "xhigh", "max"].map((e) => [e, e])];
  const thinking = [["", "As in the notebook"], ["on", "Think first"], ["off", "Do not think"]];
  return [
    h("div", { className: "cp-sheet-head" }, h("h2", {}, "Settings"), iconButton("close", "Close the settings", close)),
    select("Model", models, choices.model, choose("model")),
    field("System prompt", h("textarea", {
      rows: 3,
      value: choices.system ?? "",
      placeholder: defaults.system || "Who Claude is and how it answers",
      onchange: choose("system"),
    })),
    select("Effort", efforts, choices.effort, choose("effort")),
    select("Thinking", thinking, choices.think, choose("think")),
    check("Search the web", "web", choices, choose("web")),
    check("Run code on Anthropic’s server", "run_code", choices, choose("run_code")),
    check("Attach the last picture the notebook displayed", "plot", choices, choose("plot")),
    h("p", { className: "cp-hint" }, "They hold for questions asked in this panel."),
  ];
}

function field(label, input) {
  input.setAttribute("aria-label", label); // the label around it would read out all options
  return h("label", { className: "cp-field" }, h("span", {}, label), input);
}

function select(label, options, chosen, onchange) {
  const known = options.some(([value]) => value === (chosen ?? ""));
  const all = known ? options : [...options, [chosen, chosen]];
  const listed = all.map(([value, words]) => h("option", { value, selected: value === (chosen ?? "") }, words));
  return field(label, h("select", { onchange }, ...listed));
}

function check(label, name, choices, onchange) {
  const box = h("input", { type: "checkbox", checked: Boolean(choices[name]), onchange });
  return h("label", { className: "cp-check" }, box, h("span", {}, label));
}

/** The conversations that can be chosen, and a new one. */
export function conversationList(store, close) {
  const list = h("div", { className: "cp-list" }, h("p", { className: "cp-hint" }, "Looking …"));
  const use = (id) => () => {
    store.link.send({ kind: "use", conversation: id });
    close();
  };
  const begin = textButton("New conversation", use(""), { className: "cp-button cp-wide" });
  begin.prepend(icon("more"));
  store.link.request({ kind: "conversations" }).then((all) => {
    const rows = (all ?? []).map((one) => row(one, use(one.id)));
    list.replaceChildren(...(rows.length ? rows : [h("p", { className: "cp-hint" }, "There is no other yet.")]));
  });
  return [h("div", { className: "cp-sheet-head" }, h("h2", {}, "Conversations"), iconButton("close", "Close the list", close)), begin, list];
}

function row(one, choose) {
  const turns = `${count(one.turns)} ${one.turns === 1 ? "turn" : "turns"}`;
  const told = one.when ? `${when(one.when)} · ${turns}` : turns;
  const current = one.current ? "true" : undefined;
  return h("button", { type: "button", className: "cp-row", onclick: choose, "aria-current": current },
    h("span", { className: "cp-row-name" }, one.name || "Untitled"), h("span", { className: "cp-row-more" }, told));
}
