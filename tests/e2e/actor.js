/* global sheets */
// Stands in for the webcam: a canvas stream of a person who does what the page asks. `sheets` is put before by the test:
// {person: {neutral: [jpeg in base64], left: [...], right: [...], up: [...], eyes: [...]}}.
(() => {
  const REDRAW_MS = 40;
  const REACTION = 4; // frames: nobody moves the moment something is asked
  const PATIENCE = 14; // frames, and at least so many milliseconds: eyes have to stay shut for 800
  const PATIENCE_MS = 1500;
  // Which run of frames answers what the page asks, and how far along it to go.
  const PLAYS = {
    turn_left: ['left', 99],
    turn_right: ['right', 99],
    turn_slightly_left: ['left', 3],
    turn_slightly_right: ['right', 3],
    chin_up: ['up', 2],
    tilt_up: ['up', 99],
    tilt_down: ['down', 99],
    close_eyes: ['eyes', 99],
    open_mouth: ['mouth', 99],
    come_closer: ['closer', 99],
  };
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 480;
  const context = canvas.getContext('2d');
  const people = {};
  let person = Object.keys(sheets)[0];
  let run = 'neutral';
  let place = -1; // -1 is the neutral frame
  let held = 0;
  let heldSince = 0;
  let told = 'neutral';
  let waits = 0;
  let again = false;

  const loading = {};

  /** Their frames are read when they first stand before a camera: most pages of the tests have nobody there. */
  function comes(name) {
    loading[name] ??= Promise.all(
      Object.entries(sheets[name]).map(async ([kind, frames]) => [kind, await Promise.all(frames.map(pictureOf))]),
    ).then((runs) => {
      people[name] = Object.fromEntries(runs);
    });
    return loading[name];
  }

  function pictureOf(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
  }

  function asked() {
    if (globalThis.actor.pause) return ['neutral', -1];
    const shown = document.querySelector(
      '#screen-checking:not([hidden]), #screen-capture:not([hidden]), #register-body[data-phase="running"]',
    );
    const answered = PLAYS[shown?.dataset.action] ?? ['neutral', -1];
    return answered[0] === 'neutral' ? answered : (PLAYS[globalThis.actor.instead] ?? answered);
  }

  /** One step for each frame that the page takes: on a slow machine the person is slow too, and never jumps. */
  function move() {
    if (!people[person]) return; // the picture is another camera's
    const [wanted, most] = again ? ['neutral', -1] : asked();
    waits = wanted === told ? Math.max(0, waits - 1) : REACTION;
    told = wanted;
    if (waits > 0) return;
    if (run !== wanted && place >= 0) place -= 1;
    else {
      run = wanted;
      const last = run === 'neutral' ? -1 : Math.min(most, people[person][run].length - 1);
      place += Math.sign(last - place);
      held = run !== 'neutral' && place === last ? held + 1 : 0;
      if (held <= 1) heldSince = performance.now();
      // Done and not seen (the browser skipped a frame of the movement, perhaps): people then try it once more.
      again = held > PATIENCE && performance.now() - heldSince > PATIENCE_MS;
    }
    draw();
  }

  function draw() {
    if (globalThis.actor.away) {
      context.fillStyle = '#8a8f96';
      context.fillRect(0, 0, canvas.width, canvas.height);
      return;
    }
    const picture =
      place < 0 ? people[person].neutral[0] : people[person][run][Math.min(place, people[person][run].length - 1)];
    // People who wait sway a little; whoever does what is asked is drawn where the movement is.
    const idle = document.querySelector('#screen-ready:not([hidden])');
    context.drawImage(picture, idle ? 3 * Math.sin(performance.now() / 150) : 0, 0);
    context.fillStyle = `rgb(0 0 0 / ${1 - globalThis.actor.light})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }

  globalThis.actor = {
    cameras: 0, // how many streams are open
    looks: 0, // of a hands-free kiosk, which sends nothing
    async become(name) {
      await comes(name);
      person = name;
    },
    away: false, // nobody stands there
    light: 1, // share of it
    pause: false, // stand still, whatever is asked
    instead: null, // the movement made in place of any that is asked
    refuse: null, // a DOMException name to fail with instead
  };

  const { toDataURL } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.toDataURL = function taken(...rest) {
    move();
    return toDataURL.apply(this, rest);
  };

  const { getImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.getImageData = function seen(...rest) {
    if (this.canvas.width === 64) globalThis.actor.looks += 1; // the camera's own samples have other sizes
    return getImageData.apply(this, rest);
  };

  // A page that is not secure has no mediaDevices, in the test as in life.
  if (!navigator.mediaDevices) return;
  // On the prototype: WebKit forgets what was set on an object that no script holds.
  MediaDevices.prototype.getUserMedia = async () => {
    if (globalThis.actor.refuse) throw new DOMException('as the test wants', globalThis.actor.refuse);
    await comes(person);
    draw();
    const stream = canvas.captureStream(30);
    const [track] = stream.getVideoTracks();
    const stop = track.stop.bind(track);
    globalThis.actor.cameras += 1;
    const timer = setInterval(draw, REDRAW_MS);
    track.stop = () => {
      if (track.readyState === 'live') globalThis.actor.cameras -= 1;
      clearInterval(timer);
      stop();
    };
    return stream;
  };
})();
