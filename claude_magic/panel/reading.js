// Where one reads in the conversation: at its end, which is followed while it grows, or further up.

import { h, icon } from "./elements.js";
import { letReach } from "./notebook.js";

const NEAR = 40; // pixels from the end, on the way down, that count as at the end
const TOP = 60; // pixels from the top at which earlier turns are asked for

/** Keeps the place in `scroll`, whose content is `list`; `earlier()` is called near the top. */
export class Reading {
  constructor(scroll, list, earlier) {
    this.scroll = scroll;
    this.list = list;
    this.follows = true;
    this.latest = h("button", { type: "button", className: "cp-latest", hidden: true, onclick: () => this.toEnd() }, icon("latest"), "Latest");
    this._earlier = earlier;
    this._last = { top: 0, height: 0 };
    this._width = 0;
    scroll.addEventListener("scroll", () => this._scrolled(), { passive: true });
    scroll.addEventListener("wheel", (event) => this._wheeled(event), { passive: true });
    this._size = new ResizeObserver(() => this._resized());
    this._size.observe(scroll);
    this._size.observe(list);
  }

  end() {
    this._size.disconnect();
  }

  toEnd() {
    this.follows = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.latest.hidden = true;
  }

  /** Show `element` without following what grows. */
  to(element) {
    this.follows = false;
    const top = element?.offsetTop ?? 0;
    const { scrollTop, clientHeight } = this.scroll;
    if (top < scrollTop || top > scrollTop + clientHeight / 2) this.scroll.scrollTop = top - 12;
  }

  /** Something came at the end. */
  grown() {
    if (this.follows) this.toEnd();
    else this.latest.hidden = false;
  }

  /** Put more above what is read, which stays where it is. */
  above(put) {
    const { scrollHeight, scrollTop } = this.scroll;
    put();
    this.scroll.scrollTop = scrollTop + this.scroll.scrollHeight - scrollHeight;
  }

  /** Whoever begins to go up is not taken back to the end by what comes meanwhile. */
  _wheeled(event) {
    if (event.deltaY < 0 && this.scroll.scrollTop > 0) this.follows = false;
  }

  _scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    const { top, height } = this._last;
    const isUp = scrollTop < top && scrollHeight >= height; // else there is less to show
    const ahead = scrollHeight - scrollTop - clientHeight;
    this.follows = isUp ? ahead < 2 : this.follows || ahead < NEAR;
    this._last = { top: scrollTop, height: scrollHeight };
    this.latest.hidden = this.follows;
    if (scrollTop < TOP && !this.follows) this._earlier();
  }

  _resized() {
    if (this.follows) this.toEnd();
    if (this._width !== this.list.clientWidth) letReach(this.list);
    this._width = this.list.clientWidth;
  }
}
