// Stands in for several webcams that misbehave: `cameras.A = 'busy'` and so on, before or while they are used.
//   works; busy and overconstrained (refused); hangs (no answer); blank (no picture ever); black; frozen (no new picture).
(() => {
  const streams = [];
  globalThis.opened = []; // which were opened, in order
  globalThis.person = false; // whether somebody stands there
  globalThis.cameras = globalThis.cameras ?? { A: 'works', B: 'works' };
  const REFUSALS = { busy: 'NotReadableError', overconstrained: 'OverconstrainedError', aborted: 'AbortError' };

  function draw(pen, id) {
    const sway = 4 * Math.sin(performance.now() / 150);
    pen.fillStyle = globalThis.cameras[id] === 'black' ? '#000' : '#8a8f96';
    pen.fillRect(0, 0, 640, 480);
    if (!globalThis.person || globalThis.cameras[id] === 'black') return;
    pen.fillStyle = '#432';
    pen.beginPath();
    pen.ellipse(320 + sway, 200, 110, 150, 0, 0, 7);
    pen.fill();
    pen.fillRect(150 + sway, 340, 340, 140);
  }

  function open(id) {
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 480;
    const pen = canvas.getContext('2d');
    const stream = canvas.captureStream(0);
    const [track] = stream.getVideoTracks();
    const blank = globalThis.cameras[id] === 'blank';
    const mine = { id, track, asleep: false };
    streams.push(mine);
    const timer = setInterval(() => {
      if (blank || mine.asleep) return;
      draw(pen, id);
      track.requestFrame();
    }, 40);
    const stop = track.stop.bind(track);
    track.stop = () => {
      clearInterval(timer);
      stop();
    };
    track.getSettings = () => ({ deviceId: id });
    return stream;
  }

  navigator.mediaDevices.enumerateDevices = async () =>
    Object.keys(globalThis.cameras).map((id) => ({
      kind: 'videoinput',
      deviceId: id,
      groupId: '',
      label: `Camera ${id}`,
    }));
  navigator.mediaDevices.getUserMedia = async ({ video }) => {
    const id = video.deviceId?.exact ?? Object.keys(globalThis.cameras)[0];
    const state = globalThis.cameras[id];
    if (!state) throw new DOMException('gone', id ? 'OverconstrainedError' : 'NotFoundError');
    if (state === 'hangs') return new Promise(() => {});
    if (state in REFUSALS) throw new DOMException('as the test wants', REFUSALS[state]);
    globalThis.opened.push(id);
    return open(id);
  };

  /** No new picture from any open camera. */
  globalThis.sleepNow = () => {
    for (const each of streams) each.asleep = true;
    document.getElementById('video').pause();
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
