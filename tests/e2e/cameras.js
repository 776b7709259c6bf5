// Stands in for several webcams that misbehave: `cameras.A = 'busy'` and so on, before or while they are used.
//   works; busy, overconstrained, aborted, denied (refused); hangs (no answer); slow (it comes with `comes()`); blank (no picture ever);
//   once (one picture each time it is opened); black; still (the same picture again and again); silent (a stream without a
//   track); over (a track that has ended already).
(() => {
  const streams = [];
  globalThis.asked = []; // which were asked for, in order; '' is the browser's own choice
  globalThis.opened = []; // which were opened, in order
  globalThis.person = false; // whether somebody stands there
  globalThis.looks = 0; // of a hands-free kiosk
  globalThis.cameras = globalThis.cameras ?? { A: 'works', B: 'works' };
  const REFUSALS = {
    busy: 'NotReadableError',
    overconstrained: 'OverconstrainedError',
    aborted: 'AbortError',
    denied: 'NotAllowedError',
  };

  const { getImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.getImageData = function seen(...rest) {
    if (this.canvas.width === 64) globalThis.looks += 1; // the camera's own samples have other sizes
    return getImageData.apply(this, rest);
  };

  function draw(pen, id) {
    const state = globalThis.cameras[id];
    const sway = 4 * Math.sin(performance.now() / 150);
    pen.fillStyle = state === 'black' ? '#000' : '#8a8f96';
    pen.fillRect(0, 0, 640, 480);
    if (state === 'black' || state === 'still') return;
    pen.fillStyle = `rgb(138 143 ${150 + (Math.round(performance.now()) % 3)})`; // as good as unseen, like a camera's noise
    pen.fillRect(0, 238, 640, 12);
    if (!globalThis.person) return;
    pen.fillStyle = '#432';
    pen.beginPath();
    pen.ellipse(320 + sway, 200, 110, 150, 0, 0, 7);
    pen.fill();
    pen.fillRect(150 + sway, 340, 340, 140);
  }

  function open(id) {
    if (globalThis.cameras[id] === 'silent') return new MediaStream();
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 480;
    const pen = canvas.getContext('2d');
    const stream = canvas.captureStream(0);
    const [track] = stream.getVideoTracks();
    const blank = globalThis.cameras[id] === 'blank';
    const mine = { id, track, canvas, asleep: false, muted: false };
    streams.push(mine);
    const timer = setInterval(() => {
      if (blank || mine.asleep) return;
      draw(pen, id);
      track.requestFrame();
      mine.asleep = globalThis.cameras[id] === 'once';
    }, 40);
    const stop = track.stop.bind(track);
    track.stop = () => {
      clearInterval(timer);
      stop();
    };
    track.getSettings = () => ({ deviceId: id });
    Object.defineProperty(track, 'muted', { get: () => mine.muted });
    if (globalThis.cameras[id] === 'over') stop();
    return stream;
  }

  navigator.mediaDevices.enumerateDevices = async () =>
    Object.keys(globalThis.cameras).map((id) => ({
      kind: 'videoinput',
      deviceId: id,
      groupId: '',
      label: globalThis.nameless ? '' : `Camera ${id}`,
    }));
  navigator.mediaDevices.getUserMedia = async ({ video }) => {
    const id = video.deviceId?.exact ?? Object.keys(globalThis.cameras)[0];
    const state = globalThis.cameras[id];
    globalThis.asked.push(video.deviceId?.exact ?? '');
    if (!state) throw new DOMException('gone', id ? 'OverconstrainedError' : 'NotFoundError');
    if (state === 'hangs') return new Promise(() => {});
    if (state in REFUSALS) throw new DOMException('as the test wants', REFUSALS[state]);
    if (state === 'slow') {
      await new Promise((done) => {
        globalThis.comes = done;
      });
    }
    globalThis.opened.push(id);
    return open(id);
  };

  /** No new picture from any open camera. */
  globalThis.sleepNow = () => {
    for (const each of streams) each.asleep = true;
    document.getElementById('video').pause();
  };
  /** The device is held upright. */
  globalThis.turn = () => {
    for (const { canvas } of streams) Object.assign(canvas, { width: 480, height: 640 });
  };
  /** The driver has muted the open camera: its pictures are black from now on. */
  globalThis.mute = (id) => {
    globalThis.cameras[id] = 'black';
    for (const each of streams.filter((one) => one.id === id)) {
      each.muted = true;
      each.track.dispatchEvent(new Event('mute'));
    }
  };
  /** Somebody takes the permission back: the stream ends, and there is no other. */
  globalThis.revoke = () => {
    for (const id of Object.keys(globalThis.cameras)) globalThis.cameras[id] = 'denied';
    for (const each of streams) {
      each.track.stop();
      each.track.dispatchEvent(new Event('ended'));
    }
  };
  /** Its stream ends, and no event says so. */
  globalThis.endQuietly = (id) => {
    for (const each of streams.filter((one) => one.id === id)) each.track.stop();
  };
  /** The open camera is pulled out. */
  globalThis.pullOut = (id) => {
    delete globalThis.cameras[id];
    for (const each of streams.filter((one) => one.id === id)) {
      each.track.stop();
      each.track.dispatchEvent(new Event('ended'));
    }
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
  globalThis.plugIn = (id) => {
    globalThis.cameras[id] = 'works';
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
})();
