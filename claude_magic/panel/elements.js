// Values -> elements of the page. Text stays text: nothing here reads markup.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  send: "M8 13V3.5M3.8 7.5 8 3.2l4.2 4.3",
  stop: "M4.5 4.5h7v7h-7z",
  attach: "M13 7.3 8.2 12a3.1 3.1 0 0 1-4.4-4.4l5-4.9a2 2 0 0 1 2.9 2.9l-5 4.9a1 1 0 0 1-1.4-1.4l4.4-4.3",
  picture: "M2.5 3.5h11v9h-11zM2.5 10.5 6 7.5l2.5 2.3L11 7.5l2.5 2.5M10.4 5.8h.1",
  settings: "M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M10 3.5v3M6 9.5v3",
  copy: "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
  retry: "M12.8 6.2A5 5 0 1 0 13 9M13 3v3.3H9.7",
  edit: "M3 13l.6-2.7 7.5-7.5 2.1 2.1-7.5 7.5zM9.8 4.1l2.1 2.1",
  insert: "M2.5 3.5h11M2.5 6h7M8 8.5v5M5.5 11h5",
  run: "M5 3.5v9l7.5-4.5z",
  down: "M4 6.2 8 10l4-3.8",
  latest: "M8 3v9.5M3.8 8.5 8 12.8l4.2-4.3",
  close: "M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6",
  more: "M8 3v10M3 8h10",
};

/** An element: properties that begin with `on` listen, `style` is an object, the rest is set. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon; `label` is what it is called, and shown when pointed at. */
export function iconButton(name, label, act, properties = {}) {
  const { className = "", ...rest } = properties;
  const given = { type: "button", className: `cp-icon ${className}`, title: label, onclick: act };
  return h("button", { ...given, "aria-label": label, ...rest }, icon(name));
}

export function textButton(label, act, properties = {}) {
  return h("button", { type: "button", className: "cp-button", onclick: act, ...properties }, label);
}
