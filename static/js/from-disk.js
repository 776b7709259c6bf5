/* For a page opened straight from disk, where browsers refuse modules: looks for the running server and goes to the
   same page there, or says how to start it. Classic script on purpose. It is sure of the server by a picture that only
   Secure-Attend has: anything else that listens on these ports (macOS keeps AirPlay on 5000) has none of that size. */
(function () {
  'use strict';
  if (location.protocol !== 'file:') return;

  var PORTS = [5000, 5001, 5002, 5003, 5004, 5005, 5006, 5007, 5008, 5009];
  var WIDTH = 173;
  var HEIGHT = 97;
  var page = (/(faculty|register|trial)/i.exec(location.pathname.split('/').pop() || '') || [
    'student'
  ])[0].toLowerCase();
  var found = false;
  var asked = 0;
  /** @type {HTMLElement | undefined} */
  var place;

  /**
   * @param {string} scheme
   * @param {number} port
   */
  function look(scheme, port) {
    var site = scheme + '://127.0.0.1:' + port;
    var picture = new Image();
    picture.onload = function () {
      if (found || picture.naturalWidth !== WIDTH || picture.naturalHeight !== HEIGHT) {
        settle();
        return;
      }
      found = true;
      location.replace(site + '/' + page + location.hash);
    };
    picture.onerror = settle;
    picture.src = site + '/static/img/here.svg?' + Date.now();
  }

  function settle() {
    asked += 1;
    if (!found && asked === PORTS.length * 2) setTimeout(search, 2000);
    if (!found && asked === PORTS.length * 2 && place) place.hidden = false;
  }

  function search() {
    asked = 0;
    PORTS.forEach(function (port) {
      look('http', port);
      look('https', port);
    });
  }

  function explain() {
    document.body.textContent = '';
    document.body.className = 'mx-auto max-w-xl p-6 sm:p-12';
    var main = document.createElement('main');
    main.className = 'card p-6 sm:p-10';
    main.hidden = true;
    add(main, 'h1', 'text-2xl font-semibold', 'Start Secure-Attend first');
    add(
      main,
      'p',
      'mt-3 text-lg text-soft',
      'You opened this file directly. The page works only when the Secure-Attend server shows it.'
    );
    add(main, 'p', 'mt-5', 'Open a terminal in this folder and enter');
    add(main, 'pre', 'note mt-2 font-mono', 'make run');
    add(main, 'p', 'mt-5', 'or, on Windows or without make:');
    add(main, 'pre', 'note mt-2 font-mono', 'python app.py');
    add(
      main,
      'p',
      'mt-5 text-soft',
      'This page opens there when the server answers on this computer (ports 5000 to 5009). '
        + 'If you chose another port, open the address that the terminal shows.'
    ).setAttribute('role', 'status');
    document.body.appendChild(main);
    place = main;
  }

  /**
   * @param {HTMLElement} parent
   * @param {string} tag
   * @param {string} className
   * @param {string} text
   */
  function add(parent, tag, className, text) {
    var element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    parent.appendChild(element);
    return element;
  }

  document.addEventListener('DOMContentLoaded', explain);
  search();
})();
