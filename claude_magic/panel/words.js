// Numbers and times -> the words the panel shows. Pure, so that tests need no page.

/** 1234567 -> "1.2 M", 4321 -> "4.3 k". */
export function count(number) {
  if (number < 1000) return String(number);
  if (number < 999_950) return `${(number / 1000).toFixed(number < 9_950 ? 1 : 0)} k`;
  return `${(number / 1_000_000).toFixed(1)} M`;
}

/** Bytes as a person says them. */
export function bytes(size) {
  if (size < 1000) return `${size} B`;
  if (size < 999_500) return `${Math.round(size / 1000)} kB`;
  return `${(size / 1_000_000).toFixed(1)} MB`;
}

/** Seconds, minutes from 90 s on. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return whole < 90 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** What an answer is at, `now` in seconds; "" while words come. */
export function phaseWords(phase, now) {
  const gone = now - phase.since;
  switch (phase.name) {
    case "retrying": {
      const left = Math.ceil(phase.until - now);
      return `${phase.why}; asking again ${left > 0 ? `in ${duration(left)}` : "now"}`;
    }
    case "thinking":
      return gone < 1 ? "Thinking …" : `Thinking … ${duration(gone)}`;
    case "doing":
      return gone < 1 ? `${phase.why} …` : `${phase.why} … ${duration(gone)}`;
    case "held":
      return `Waiting for the answer to an earlier question … ${gone < 1 ? "" : duration(gone)}`.trim();
    case "waiting":
      return gone < 1 ? "Waiting for the answer …" : `Waiting for the answer … ${duration(gone)}`;
    case "sending":
      if (gone < 1.5) return "Sending …";
      if (gone < 30) return "Waiting for the kernel: it is busy with a cell …";
      return "Still waiting for the kernel. If it was restarted, run %claude chat again.";
    default:
      return "";
  }
}

/** The foot's words: tokens, cost, and the share of the context that is used, in percent. */
export function footWords(foot) {
  const share = foot.context ? Math.min(100, (100 * foot.used) / foot.context) : 0;
  const full = share > 0 && share < 1 ? "< 1" : String(Math.round(share));
  const tokens = `${count(foot.input)} in · ${count(foot.output)} out`;
  return { tokens, cost: foot.cost, share, full: `${full} % of the context` };
}

/** When a turn was asked: the time today, else the date too, of another year with the year. `asked` in Unix seconds. */
export function when(asked, now = new Date()) {
  const then = new Date(asked * 1000);
  const time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (then.toDateString() === now.toDateString()) return time;
  const year = then.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return `${then.toLocaleDateString([], { day: "numeric", month: "short", ...year })}, ${time}`;
}

/** The word before the cursor that asks for a variable: behind `@`, or inside `{{`. */
export function asked(text, cursor) {
  const before = text.slice(0, cursor);
  const at = /(^|[\s(,;:])@([\p{L}_][\p{L}\p{N}_]*)?$/u.exec(before);
  if (at) {
    const prefix = at[2] ?? "";
    return { prefix, start: cursor - prefix.length - 1, form: (name) => `{{ ${name} }}` };
  }
  const inside = /\{\{\s*([\p{L}_][\p{L}\p{N}_]*)?$/u.exec(before);
  if (inside) {
    const closed = /^\s*\}\}/.test(text.slice(cursor));
    const form = (name) => (closed ? `{{ ${name}` : `{{ ${name} }}`);
    return { prefix: inside[1] ?? "", start: inside.index, form };
  }
  return null;
}
