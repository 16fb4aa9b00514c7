// The notebook this panel stands in -> its cells, through JupyterLab's and Notebook 7's own model.

const BOXED = "jp-mod-outputsScrolled";

/**
 * The notebook panel of the front end, or null where there is none to be reached (VS Code, Colab,
 * marimo, nbclassic). From the view's widget the way leads up to the shell, and from there to the
 * document that this widget's manager belongs to; so it works in a docked view too.
 */
export async function findNotebook(manager, modelId, element) {
  if (!manager?.context?.model?.sharedModel || !modelId) return null;
  try {
    const model = await manager.get_model(modelId);
    for (const promise of Object.values(model.views ?? {})) {
      const view = await promise;
      if (view.el !== element && !view.el?.contains(element)) continue;
      const shell = rootOf(view.luminoWidget ?? view.pWidget);
      for (const widget of shell.widgets?.("main") ?? []) {
        if (widget.context === manager.context && widget.content?.widgets) return widget;
      }
    }
  } catch {
    return null; // another front end, or a later one
  }
  return null;
}

/** Call `ended` when the kernel of this notebook restarts or dies, where the front end tells it. */
export function watchKernel(manager, ended) {
  const status = manager?.context?.sessionContext?.statusChanged;
  const over = ["restarting", "autorestarting", "terminating", "dead"];
  status?.connect((_, now) => over.includes(now) && ended());
}

function rootOf(widget) {
  let root = widget;
  while (root.parent) root = root.parent;
  return root;
}

/** Puts cells into a notebook panel, each below the one before. */
export class Cells {
  constructor(panel) {
    this._panel = panel;
    this._last = null; // the cell that was put in last, and the cell below which it went
  }

  /** Insert a cell below the active one; with `run`, run it. Returns its number from 1. */
  insert(kind, source, run = false) {
    const notebook = this._panel.content;
    const index = this._below(notebook) + 1;
    const metadata = kind === "code" ? { trusted: true } : {};
    const cell = { cell_type: kind, source, metadata };
    notebook.model.sharedModel.insertCell(index, cell);
    const widget = notebook.widgets[index];
    this._last = { id: widget.model.id, below: this._activeId(notebook) };
    if (kind === "markdown") widget.rendered = true;
    if (run) widget.constructor.execute(widget, this._panel.sessionContext, runMetadata(notebook));
    notebook.scrollToItem?.(index, "smart");
    return index + 1;
  }

  /** What the notebook keeps of the panel `id`: in an old page the kernel's updates reach it no more. */
  async refresh(id, changes, fetch) {
    for (const { outputs, index } of this._kept(id)) {
      if (outputs.get(index).metadata.claude_magic.changes >= changes) continue;
      const data = await fetch();
      if (!data) return;
      const metadata = { claude_magic: { panel: id, changes } };
      outputs.set(index, { output_type: "display_data", data, metadata });
    }
  }

  *_kept(id) {
    for (const cell of this._panel.content.widgets) {
      const outputs = cell.model.outputs;
      for (let index = 0; index < (outputs?.length ?? 0); index += 1) {
        if (outputs.get(index).metadata.claude_magic?.panel === id) yield { outputs, index };
      }
    }
  }

  save() {
    return this._panel.context.save();
  }

  /** Several cells from the same place keep their order. */
  _below(notebook) {
    const last = notebook.widgets.findIndex((cell) => cell.model.id === this._last?.id);
    const same = this._last?.below === this._activeId(notebook);
    return same && last >= 0 ? last : notebook.activeCellIndex;
  }

  _activeId(notebook) {
    return notebook.activeCell?.model.id ?? "";
  }
}

function runMetadata(notebook) {
  return { deletedCells: notebook.model.deletedCells, recordTiming: false };
}

/**
 * Notebook 7 puts outputs that are high when a page opens into a box to scroll in. The panel
 * scrolls by itself, so it is let out, unless a person wished for the box. Returns what ends it.
 */
export function keepUnboxed(panel, element) {
  const cell = panel.content.widgets.find((one) => one.node.contains(element));
  if (!cell) return () => {};
  const free = () => {
    const boxed = cell.node.classList.contains(BOXED);
    if (boxed && cell.model.getMetadata?.("scrolled") !== true) cell.node.classList.remove(BOXED);
  };
  const watch = new MutationObserver(free);
  watch.observe(cell.node, { attributeFilter: ["class"] });
  free();
  return () => watch.disconnect();
}

/** Typeset the formulas in `element` with what the page has; without it their source stays. */
export async function typeset(manager, element) {
  if (!element.querySelector(".mathjax_process")) return;
  const own = manager?.rendermime?.latexTypesetter;
  const MathJax = globalThis.MathJax;
  if (own) await own.typeset(element);
  else if (MathJax?.typesetPromise) await MathJax.typesetPromise([element]).catch(() => {});
  else if (MathJax?.Hub) MathJax.Hub.Queue(["Typeset", MathJax.Hub, element]);
  requestAnimationFrame(() => letReach(element)); // all of a frame look at one layout
}

/** Formulas that are wider than their place scroll; keys alone must reach them for that. */
export function letReach(element) {
  for (const formula of element.querySelectorAll("mjx-container[display=true]")) {
    const wide = formula.scrollWidth > formula.clientWidth;
    if (wide !== formula.hasAttribute("tabindex")) formula.toggleAttribute("tabindex", wide);
    if (wide) formula.tabIndex = 0;
  }
}
