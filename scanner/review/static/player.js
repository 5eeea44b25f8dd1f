// Frames on demand: one shown, the next ones already asked for, none kept beyond what steps need.

const AHEAD = 4;
const KEPT = 60;

export class Player extends EventTarget {
  constructor(number, images) {
    super();
    this.number = number;
    this.images = images;
    this.times = [];
    this.frame = 0;
    this.version = "";
    this.speed = 0;
    this.pictures = new Map();
  }

  load(times, version) {
    this.times = times;
    if (version !== this.version) {
      this.version = version;
      for (const [name, picture] of this.pictures) {
        if (name.startsWith("preview")) {
          picture.then(URL.revokeObjectURL, () => {});
          this.pictures.delete(name);
        }
      }
    }
  }

  picture(view, frame) {
    const name = `${view}/${frame}`;
    if (!this.pictures.has(name)) {
      const side = Math.min(1920, Math.max(480, Math.round(window.innerWidth * window.devicePixelRatio / 2)));
      const address = `/clip/${this.number}/frame/${frame}.jpg?view=${view}&side=${side}`;
      this.pictures.set(name, fetch(address).then(async (answer) => {
        if (!answer.ok) throw new Error((await answer.json()).error);
        return URL.createObjectURL(await answer.blob());
      }));
      if (this.pictures.size > KEPT) {
        const [oldest, picture] = this.pictures.entries().next().value;
        this.pictures.delete(oldest);
        picture.then(URL.revokeObjectURL, () => {});
      }
    }
    return this.pictures.get(name);
  }

  async show(frame, direction = 1) {
    const wanted = Math.max(0, Math.min(this.times.length - 1, frame));
    this.frame = wanted;
    this.dispatchEvent(new Event("moved"));
    const began = performance.now();
    const shown = Object.entries(this.images)
      .filter(([, image]) => image.offsetParent !== null)
      .map(async ([view, image]) => {
        const address = await this.picture(view, wanted);
        if (this.frame === wanted) {
          image.src = address;
          await image.decode().catch(() => {});
        }
      });
    await Promise.all(shown);
    if (this.frame === wanted) {
      document.documentElement.dataset.shown = String(wanted);
      document.documentElement.dataset.took = String(performance.now() - began);
    }
    for (let i = 1; i <= AHEAD; i += 1) {
      const next = wanted + i * Math.sign(direction || 1);
      if (next >= 0 && next < this.times.length) {
        for (const [view, image] of Object.entries(this.images)) {
          if (image.offsetParent !== null) this.picture(view, next).catch(() => {});
        }
      }
    }
  }

  step(by) {
    this.pause();
    return this.show(this.frame + by, by);
  }

  pause() {
    this.speed = 0;
    this.dispatchEvent(new Event("paced"));
  }

  // Plays in the clip's own time; where pictures come slower, frames are left out and none is shown late.
  async play(speed) {
    const running = this.speed !== 0;
    this.speed = speed;
    this.dispatchEvent(new Event("paced"));
    if (running) return;
    let began = performance.now();
    let from = this.times[this.frame];
    let pace = this.speed;
    while (this.speed !== 0) {
      if (pace !== this.speed) [began, from, pace] = [performance.now(), this.times[this.frame], this.speed];
      const due = from + (performance.now() - began) / 1000 * pace;
      let next = this.frame;
      while (pace > 0 && next + 1 < this.times.length && this.times[next + 1] <= due) next += 1;
      while (pace < 0 && next > 0 && this.times[next - 1] >= due) next -= 1;
      if (next !== this.frame) await this.show(next, pace);
      if ((pace > 0 && this.frame === this.times.length - 1) || (pace < 0 && this.frame === 0)) this.pause();
      await new Promise(requestAnimationFrame);
    }
  }
}
