// What is being typed, kept for as long as the browser's tab lives.

/** Drafts outlive a reload of the page: each view has its own, by where it stands. */
export function draftKey(model, root) {
  const place = root.closest(".jp-Notebook") ? "cell" : "beside";
  const all = [...document.querySelectorAll(".claude-panel")];
  const same = all.filter((other) => Boolean(other.closest(".jp-Notebook")) === (place === "cell"));
  return `claude-magic:${model.get("panel_id")}:${place}:${same.indexOf(root)}`;
}

/** Where a panel that ended leaves what was being typed, for the one that comes after it. */
export function leftKey() {
  return `claude-magic:left:${location.pathname}`;
}

export function readDraft(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

export function takeDraft(key) {
  const draft = readDraft(key);
  writeDraft(key, { text: "", refs: [] });
  return draft && { text: draft.text }; // its files went with the kernel
}

export function writeDraft(key, draft) {
  try {
    if (draft.text || draft.refs.length) sessionStorage.setItem(key, JSON.stringify(draft));
    else sessionStorage.removeItem(key);
  } catch {
    // no storage here: the draft lives as long as the page
  }
}
