// A drawn figure before the webcam, for pictures of the pages: nobody's face is shown.
(() => {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 480;
  const pen = canvas.getContext('2d');

  const ellipse = (colour, x, y, width, height, from = 0, to = 2 * Math.PI) => {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.ellipse(x, y, width, height, 0, from, to);
    pen.fill();
  };
  const line = (...points) => {
    pen.beginPath();
    points.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  };

  function draw() {
    const turned = document.querySelector('[data-action="turn_left"]') ? 26 : 0;
    const room = pen.createLinearGradient(0, 0, 640, 480);
    room.addColorStop(0, '#dfe6ea');
    room.addColorStop(1, '#b9c8d1');
    pen.fillStyle = room;
    pen.fillRect(0, 0, 640, 480);
    ellipse('#2f5f8f', 320, 505, 185, 125);
    ellipse('#244b73', 320, 392, 58, 26);
    pen.fillStyle = '#d99f78';
    pen.fillRect(282, 325, 76, 66);
    ellipse('#3b2a22', 320, 190, 112, 118);
    ellipse('#eab793', 320, 235, 92, 122);
    ellipse('#eab793', 320 - 92 + turned / 2, 240, 16, 26);
    ellipse('#eab793', 320 + 92 - turned / 4, 240, 16, 26);
    ellipse('#3b2a22', 320, 152, 98, 58, Math.PI, 2 * Math.PI);
    ellipse('#3b2a22', 290 + turned / 2, 158, 64, 30);
    pen.lineCap = 'round';
    pen.lineJoin = 'round';
    pen.strokeStyle = '#3b2a22';
    pen.lineWidth = 7;
    line([264 + turned, 198], [284 + turned, 192], [300 + turned, 197]);
    line([340 + turned, 197], [356 + turned, 192], [374 + turned, 198]);
    for (const x of [283, 357]) {
      ellipse('#ffffff', x + turned, 225, 17, 12);
      ellipse('#2b211c', x + turned * 1.25, 225, 9, 10);
    }
    pen.strokeStyle = '#b87954';
    pen.lineWidth = 6;
    line([322 + turned * 1.3, 232], [330 + turned * 1.9, 268], [314 + turned * 1.4, 272]);
    pen.strokeStyle = '#a2574a';
    pen.beginPath();
    pen.arc(320 + turned, 285, 34, 0.45, Math.PI - 0.45);
    pen.stroke();
  }

  draw();
  setInterval(draw, 60);
  if (!navigator.mediaDevices) return; // the empty page before the first
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(30);
})();
