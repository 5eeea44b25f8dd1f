// The original's sound beside the pictures, in pieces, at the clip's own speed forward; silent where it is muted.

const APART_S = 0.3; // further from the picture than this, it begins anew

export class Sound {
  constructor(number, wanted, muted) {
    this.number = number;
    this.wanted = wanted;
    this.muted = muted;
    this.audio = new Audio();
    this.from = 0; // the time of the clip at which the piece begins
  }

  follow(speed, time) {
    if (speed !== 1 || !this.wanted()) {
      this.audio.pause();
      return;
    }
    this.audio.muted = this.muted(time);
    const apart = Math.abs(this.from + this.audio.currentTime - time);
    const starting = this.audio.readyState < HTMLMediaElement.HAVE_METADATA && !this.audio.error && this.audio.src;
    if (starting && time - this.from < 3) return;
    if (this.audio.paused || this.audio.ended || apart > APART_S) this.#begin(time);
  }

  #begin(time) {
    this.from = time;
    this.audio.src = `/clip/${this.number}/sound.wav?from=${time}`;
    const asked = performance.now();
    this.audio.addEventListener("loadedmetadata", () => {
      this.audio.currentTime = (performance.now() - asked) / 1000;
    }, { once: true });
    this.audio.play().catch(() => {}); // a browser that may not play says so itself; pictures go on
  }
}
