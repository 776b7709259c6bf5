// Soft tones by WebAudio, so that people with closed eyes know when to open them.

/** @type {AudioContext | null} */
let context = null;
let wanted = true;

/** @param {boolean} on */
export function setTones(on) {
  wanted = on;
}

/** To be called in a click: browsers allow sound only after one. */
export function allowTones() {
  const Audio = globalThis.AudioContext;
  if (!Audio) return;
  context ??= new Audio();
  if (context.state === 'suspended') context.resume().catch(() => {});
}

export function stepTone() {
  play(587, 0);
}

export function doneTone() {
  play(587, 0);
  play(880, 0.16);
}

/**
 * @param {number} frequency
 * @param {number} delay
 */
function play(frequency, delay) {
  if (!wanted || !context || context.state !== 'running') return;
  const start = context.currentTime + delay;
  const tone = context.createOscillator();
  const level = context.createGain();
  tone.type = 'sine';
  tone.frequency.value = frequency;
  level.gain.setValueAtTime(0, start);
  level.gain.linearRampToValueAtTime(0.12, start + 0.03);
  level.gain.exponentialRampToValueAtTime(0.0001, start + 0.4);
  tone.connect(level).connect(context.destination);
  tone.start(start);
  tone.stop(start + 0.45);
}
