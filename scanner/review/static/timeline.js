// Tracks over time: one lane a track, its sureness by shade and by pattern, doubts as marks, a cursor.

import { idsOf, stretchesOf } from "/static/boxes.js";

const SVG = "http://www.w3.org/2000/svg";
const LANE = 14;
const TOP = 18;

function shape(kind, attributes, text) {
  const made = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function sureness(score) {
  if (score >= 0.8) return "sure";
  return score >= 0.65 ? "fair" : "unsure";
}

export class Timeline extends EventTarget {
  constructor(svg, room) {
    super();
    this.svg = svg;
    this.room = room;
    this.zoom = 1;
    svg.addEventListener("pointerdown", (event) => {
      const track = event.target.dataset?.track;
      this.dispatchEvent(new CustomEvent("picked", {
        detail: { frame: this.#frameAt(event), track: track === undefined ? null : Number(track) },
      }));
    });
    new ResizeObserver(() => this.dispatchEvent(new Event("resized"))).observe(room);
  }

  draw(clip, chosen, frame) {
    this.clip = clip;
    const ids = idsOf(clip.tracks);
    const width = Math.max(200, this.room.clientWidth - 2) * this.zoom;
    const height = TOP + Math.max(1, ids.length) * LANE + 4;
    const frames = Math.max(1, clip.times.length);
    const x = (at) => at / frames * width;
    this.x = x;
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", height);
    const parts = [];
    const end = clip.times.at(-1) ?? 0;
    const every = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 600].find((s) => end / s <= width / 60) ?? 1800;
    for (let time = 0; time <= end; time += every) {
      const at = clip.times.findIndex((t) => t >= time - 1e-6);
      parts.push(shape("line", { x1: x(at), x2: x(at), y1: 0, y2: height, class: "tick" }));
      parts.push(shape("text", { x: x(at) + 2, y: 11, class: "when" }, `${Number(time.toFixed(1))} s`));
    }
    ids.forEach((id, lane) => {
      const y = TOP + lane * LANE;
      for (const track of stretchesOf(clip.tracks, id)) {
        const bar = shape("rect", {
          x: x(track.first_frame), y: y + 2, width: Math.max(3, x(track.last_frame + 1) - x(track.first_frame)),
          height: LANE - 4, class: `lane ${sureness(track.score)}${id === chosen ? " chosen" : ""}`,
        });
        bar.dataset.track = id;
        bar.append(shape("title", {}, `Track ${id}, ${track.start_s} s to ${track.end_s} s, score ${track.score}`));
        parts.push(bar);
      }
    });
    for (const doubt of clip.doubts) {
      const lane = doubt.track === null ? -1 : ids.indexOf(doubt.track);
      const mark = shape("circle", { cx: x(doubt.frame), cy: lane < 0 ? 14 : TOP + lane * LANE + LANE / 2, r: 4, class: "mark" });
      mark.append(shape("title", {}, doubt.kind));
      parts.push(mark);
    }
    this.cursor = shape("line", { y1: 0, y2: height, class: "cursor" });
    parts.push(this.cursor);
    this.svg.replaceChildren(...parts);
    this.svg.setAttribute("aria-label", `${ids.length} tracks over ${end.toFixed(1)} seconds; the list below has them too`);
    this.point(frame);
  }

  point(frame) {
    if (!this.cursor) return;
    const at = this.x(frame + 0.5);
    this.cursor.setAttribute("x1", at);
    this.cursor.setAttribute("x2", at);
    const { scrollLeft, clientWidth } = this.room;
    if (at < scrollLeft || at > scrollLeft + clientWidth) this.room.scrollLeft = at - clientWidth / 2;
  }

  #frameAt(event) {
    const area = this.svg.getBoundingClientRect();
    const frames = this.clip.times.length;
    return Math.min(frames - 1, Math.max(0, Math.floor((event.clientX - area.left) / area.width * frames)));
  }
}
