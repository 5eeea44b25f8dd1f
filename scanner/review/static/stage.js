// The boxes over the original: those of tracks to be chosen, and the one in hand to be drawn and moved.

import { tracksAt } from "/static/boxes.js";

const SVG = "http://www.w3.org/2000/svg";
const LEAST = 4;

function rectangle([x, y, width, height], kind) {
  const made = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ x, y, width, height })) made.setAttribute(name, value);
  made.setAttribute("class", kind);
  return made;
}

export class Stage extends EventTarget {
  constructor(overlay) {
    super();
    this.overlay = overlay;
    this.box = null;
    this.size = [1, 1];
    this.drag = null;
    overlay.addEventListener("pointerdown", (event) => this.#down(event));
    overlay.addEventListener("pointermove", (event) => this.#move(event));
    overlay.addEventListener("pointerup", (event) => this.#up(event));
    overlay.addEventListener("pointercancel", () => { this.drag = null; });
  }

  fit(width, height) {
    this.size = [width, height];
    this.overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  draw(tracks, frame, chosen) {
    const shapes = tracksAt(tracks, frame).map(({ track, box }) => {
      const shape = rectangle(box, track.id === chosen ? "cover chosen" : "cover");
      shape.dataset.track = track.id;
      const title = document.createElementNS(SVG, "title");
      title.textContent = `Track ${track.id}`;
      shape.append(title);
      return shape;
    });
    if (this.box) {
      const [x, y, width, height] = this.box;
      const grip = Math.max(8, this.size[0] / 80);
      shapes.push(rectangle(this.box, "hand"));
      for (const [cx, cy, corner] of [[x, y, "nw"], [x + width, y, "ne"], [x, y + height, "sw"], [x + width, y + height, "se"]]) {
        const handle = rectangle([cx - grip / 2, cy - grip / 2, grip, grip], "grip");
        handle.dataset.corner = corner;
        shapes.push(handle);
      }
    }
    this.overlay.replaceChildren(...shapes);
  }

  hold(box) {
    this.box = box && this.#within(box);
    this.dispatchEvent(new Event("held"));
  }

  // From the keyboard: moves, or with `resize` changes the lower right corner.
  nudge(dx, dy, resize) {
    const [x, y, width, height] = this.box;
    this.hold(resize ? [x, y, width + dx, height + dy] : [x + dx, y + dy, width, height]);
  }

  #within([x, y, width, height]) {
    const [right, bottom] = this.size;
    const left = Math.round(Math.min(Math.max(x, 0), right - LEAST));
    const top = Math.round(Math.min(Math.max(y, 0), bottom - LEAST));
    return [
      left,
      top,
      Math.round(Math.min(Math.max(width, LEAST), right - left)),
      Math.round(Math.min(Math.max(height, LEAST), bottom - top)),
    ];
  }

  #point(event) {
    const area = this.overlay.getBoundingClientRect();
    return [
      (event.clientX - area.left) / area.width * this.size[0],
      (event.clientY - area.top) / area.height * this.size[1],
    ];
  }

  #down(event) {
    if (event.button !== 0) return;
    this.overlay.setPointerCapture(event.pointerId);
    const point = this.#point(event);
    const { corner, track } = event.target.dataset;
    if (corner) this.drag = { corner, from: point, box: this.box };
    else if (event.target.classList.contains("hand")) this.drag = { from: point, box: this.box };
    else this.drag = { from: point, drawn: true, track };
    event.preventDefault();
  }

  #move(event) {
    if (!this.drag) return;
    const { corner, from, box, drawn } = this.drag;
    const [px, py] = this.#point(event);
    const [dx, dy] = [px - from[0], py - from[1]];
    if (drawn) {
      if (Math.hypot(dx, dy) < LEAST && !this.drag.began) return;
      this.drag.began = true;
      this.hold([Math.min(px, from[0]), Math.min(py, from[1]), Math.abs(dx), Math.abs(dy)]);
    } else if (corner) {
      const [x, y, width, height] = box;
      const left = corner.includes("w") ? Math.min(x + dx, x + width - LEAST) : x;
      const top = corner.includes("n") ? Math.min(y + dy, y + height - LEAST) : y;
      const right = corner.includes("e") ? x + width + dx : x + width;
      const bottom = corner.includes("s") ? y + height + dy : y + height;
      this.hold([left, top, right - left, bottom - top]);
    } else {
      this.hold([box[0] + dx, box[1] + dy, box[2], box[3]]);
    }
  }

  #up() {
    const ended = this.drag;
    this.drag = null;
    if (ended?.drawn && !ended.began && ended.track) {
      this.dispatchEvent(new CustomEvent("chosen", { detail: Number(ended.track) }));
    } else if (ended) {
      this.dispatchEvent(new Event("released"));
    }
  }
}
