// A call of a tool, and the person's word about it: yes, no, or with other arguments.

function element(kind, name, ...inside) {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.append(...inside);
  return made;
}

function button(words, act) {
  const made = element("button", "cc-button", words);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

export default {
  render({ model, el }) {
    const call = model.get("call");
    const root = element("div", "claude-consent");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", call.title);
    root.setAttribute("data-lm-suppress-shortcuts", "true"); // keys here are no commands of the notebook
    const title = element("p", "cc-title", call.title);
    title.setAttribute("role", "alert"); // it shows up by itself
    const shown = element("pre", "cc-call", call.text);
    shown.tabIndex = 0;
    const edited = element("textarea", "cc-call");
    edited.setAttribute("aria-label", call.label);
    edited.spellcheck = false;
    edited.value = call.text;
    const reason = element("input", "cc-reason");
    reason.placeholder = "Why not? (optional)";
    reason.setAttribute("aria-label", "Why not? Claude reads it; it may stay empty");
    const fault = element("p", "cc-fault");
    fault.setAttribute("role", "alert");
    const row = element("div", "cc-row");
    let said, timer;

    // Words may go astray, as the page opens a way around the running cell only with the first of
    // them: each is said again until the kernel has seen it, or the buttons are gone.
    function say(words) {
      clearInterval(timer);
      said = words;
      model.send(said);
      timer = setInterval(() => model.send(said), 300);
    }
    function answer(word, more) {
      root.querySelectorAll("button, input, textarea").forEach((one) => (one.disabled = true));
      say({ kind: "answer", word, ...more });
    }
    function first() {
      row.replaceChildren(
        button("Run it", () => answer("yes")),
        button("Don’t run it", refuse),
        button(call.edit, edit),
      );
    }
    function refuse() {
      row.replaceChildren(reason, button("Refuse", () => answer("no", { reason: reason.value })), button("Back", back));
      reason.focus();
    }
    function edit() {
      const { offsetHeight } = shown;
      shown.replaceWith(edited);
      edited.style.height = `${Math.max(80, offsetHeight)}px`;
      row.replaceChildren(button("Run it so", run), button("Back", back));
      edited.focus();
      edited.setSelectionRange(0, 0);
    }
    function run() {
      fault.textContent = call.code ? "" : faultOf(edited.value);
      if (!fault.textContent) answer("edit", { text: edited.value });
    }
    function back() {
      edited.replaceWith(shown);
      fault.textContent = "";
      first();
      row.querySelector("button").focus();
    }
    root.addEventListener("keydown", (event) => {
      event.stopPropagation(); // a notebook would take letters for commands
      const { key, target } = event;
      if (event.isComposing || (target !== reason && target !== edited)) return;
      if (key === "Escape") back();
      else if (key === "Enter" && target === reason) answer("no", { reason: reason.value });
      else if (key === "Enter" && (event.ctrlKey || event.metaKey)) run();
    });
    first();
    root.append(title, shown, row, fault);
    el.append(root);
    say({ kind: "here" });
    model.on("msg:custom", ({ seen }) => seen === said.kind && clearInterval(timer));
    return () => clearInterval(timer);
  },
};

function faultOf(text) {
  try {
    const read = JSON.parse(text);
    return read && typeof read === "object" && !Array.isArray(read) ? "" : "Write an object: { … }";
  } catch (error) {
    return `This is no JSON: ${error.message}`;
  }
}
