// Draws the charts: the library is unpacked once, a chart when it comes into view, all of them before print or at #all.
(() => {
  'use strict';
  const root = document.documentElement;
  const plots = [...document.querySelectorAll('.plot')];
  const config = { displayModeBar: false, responsive: true };
  let library;

  // gzip in base64, unpacked by the browser itself and run as an inline script: nothing is fetched.
  function unpack() {
    library ??= (async () => {
      const packed = document.getElementById('library').textContent.trim();
      const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
      const script = document.createElement('script');
      script.textContent = await new Response(stream).text();
      document.head.append(script);
    })();
    return library;
  }

  function draw(plot) {
    if (plot.dataset.drawn) return Promise.resolve();
    plot.dataset.drawn = 'begun';
    const spec = JSON.parse(document.querySelector(`script[data-for="${plot.id}"]`).textContent);
    // A finger that scrolls past a chart must not be caught by it.
    spec.layout.dragmode = matchMedia('(pointer: coarse)').matches ? false : 'zoom';
    return window.Plotly.newPlot(plot, spec.data, spec.layout, config).then(() => { plot.dataset.drawn = 'done'; });
  }

  // Fixed drawings become pictures that scale: for paper, and for copies without a script.
  function freeze(plot) {
    const box = plot.querySelector('.svg-container');
    if (!box) return;
    const { offsetWidth: width, offsetHeight: height } = box;
    plot.dataset.height = plot.style.height;
    plot.style.height = 'auto';
    box.dataset.style = box.getAttribute('style');
    box.setAttribute('style', `position:relative;width:100%;aspect-ratio:${width}/${height}`);
    for (const svg of box.querySelectorAll('svg.main-svg')) {
      svg.dataset.size = `${svg.getAttribute('width')} ${svg.getAttribute('height')}`;
      svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
      svg.setAttribute('width', '100%');
      svg.setAttribute('height', '100%');
    }
  }

  function thaw(plot) {
    const box = plot.querySelector('.svg-container');
    if (!box || box.dataset.style === undefined) return;
    plot.style.height = plot.dataset.height;
    box.setAttribute('style', box.dataset.style);
    for (const svg of box.querySelectorAll('svg.main-svg')) {
      const [width, height] = svg.dataset.size.split(' ');
      svg.removeAttribute('viewBox');
      svg.setAttribute('width', width);
      svg.setAttribute('height', height);
    }
  }

  function fail() {
    for (const plot of plots) {
      if (plot.dataset.drawn === 'done') continue;
      plot.dataset.drawn = 'never';
      plot.classList.add('empty');
      plot.textContent = 'This browser cannot unpack the chart library; the numbers are in the table below.';
    }
  }

  async function all() {
    await unpack();
    for (const plot of plots) await draw(plot);
    if (root.dataset.drawn) return;
    plots.forEach(freeze);
    root.dataset.drawn = 'all';
  }

  if (!('DecompressionStream' in window)) { fail(); return; }

  const wanted = () => location.hash === '#all';
  if (wanted()) { all().catch(fail); return; }
  addEventListener('hashchange', () => { if (wanted()) all().catch(fail); });

  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      unpack().then(() => draw(target)).catch(fail);
    }
  }, { rootMargin: '400px' });
  plots.forEach((plot) => seen.observe(plot));

  // The print event cannot wait, so the library is made ready once the page is at rest.
  if (plots.length) (window.requestIdleCallback ?? setTimeout)(() => unpack().catch(fail), { timeout: 500 });
  let opened = [];
  addEventListener('beforeprint', () => {
    // Caveats hold every doubt of an axis; opened inside the tables they would push columns off the paper.
    opened = [...document.querySelectorAll('details.caveat:not([open])')];
    for (const details of opened) details.open = true;
    if (!window.Plotly) return;
    for (const plot of plots) { draw(plot); freeze(plot); }
  });
  addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
    plots.forEach(thaw);
  });
})();
