// node draw.mjs IN.ansi OUT.png COLUMNS ROWS TITLE
// Draws a captured terminal screen in a window with xterm.js, and cuts the window out of the page as a PNG.
import fs from 'node:fs';
import zlib from 'node:zlib';
import { chromium } from 'playwright-core';

const [input, output, columns, rows, title = ''] = process.argv.slice(2);
const library = (path) => fs.readFileSync(new URL('./node_modules/@xterm/' + path, import.meta.url), 'utf8');

// One line of the capture is one row: without wrapping, a row of full width does not push the next one down.
const screen = '\x1b[?7l' + fs.readFileSync(input, 'utf8').replace(/\n$/, '').split('\n').join('\r\n') + '\x1b[?25l';

const colours = {
  background: '#181c24', foreground: '#d5dae3',
  black: '#3b4252', red: '#ef7f86', green: '#a3be8c', yellow: '#ebcb8b', blue: '#81a1c1', magenta: '#d0a5e0', cyan: '#7fd0d8', white: '#c8cedb',
  brightBlack: '#6b7489', brightRed: '#ef7f86', brightGreen: '#a3be8c', brightYellow: '#ebcb8b', brightBlue: '#88c0d0', brightMagenta: '#d0a5e0',
  brightCyan: '#8fd9e0', brightWhite: '#eceff4',
};

// The renderer is WebGL in software: the one of xterm.js that draws blocks and lines without seams. It crops at other device scale
// factors than 1, so sharpness comes from the size of the font.
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--font-render-hinting=none'],
});
try {
  const page = await browser.newPage({ viewport: { width: 3600, height: 2400 }, deviceScaleFactor: 1 });
  await page.setContent(`<style>${library('xterm/css/xterm.css')}
    body { margin: 0; background: transparent }
    #window { display: inline-block; background: ${colours.background}; border-radius: 14px; padding: 0 18px 16px }
    #bar { height: 50px; display: flex; align-items: center; gap: 11px; font: 18px "Noto Sans CJK SC", sans-serif; color: #9aa3b5 }
    #bar i { width: 15px; height: 15px; border-radius: 50% }
    #bar span { flex: 1; text-align: center; margin-right: 67px }
    .xterm-viewport, .xterm .xterm-scrollable-element { overflow: hidden !important }</style>
    <div id=window><div id=bar><i style="background:#ef7f86"></i><i style="background:#ebcb8b"></i><i style="background:#a3be8c"></i><span></span></div>
    <div id=terminal></div></div>`);
  for (const path of ['xterm/lib/xterm.js', 'addon-unicode11/lib/addon-unicode11.js', 'addon-webgl/lib/addon-webgl.js']) {
    await page.addScriptTag({ content: library(path) });
  }
  await page.evaluate(async ({ screen, columns, rows, colours, title }) => {
    document.querySelector('#bar span').textContent = title;
    const font = '20px "JetBrains Mono"';
    await Promise.all([font, 'bold ' + font].map((f) => document.fonts.load(f)));
    const terminal = new Terminal({
      cols: columns, rows, theme: colours, allowProposedApi: true, scrollback: 0, fontSize: 20, lineHeight: 1.15, customGlyphs: true,
      fontFamily: '"JetBrains Mono", "Noto Sans Mono CJK SC", monospace', cursorBlink: false, cursorInactiveStyle: 'none',
    });
    terminal.open(document.getElementById('terminal'));
    terminal.loadAddon(new Unicode11Addon.Unicode11Addon());
    terminal.unicode.activeVersion = '11';
    terminal.loadAddon(new WebglAddon.WebglAddon(true));
    await new Promise((done) => terminal.write(screen, done));
    await new Promise((done) => setTimeout(done, 600)); // the glyphs are drawn into their texture in idle time
  }, { screen, columns: +columns, rows: +rows, colours, title });
  const picture = await page.locator('#window').screenshot({ omitBackground: true });
  const { width, height, pixels } = await page.evaluate(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    return { width: image.width, height: image.height, pixels: Array.from(context.getImageData(0, 0, image.width, image.height).data) };
  }, 'data:image/png;base64,' + picture.toString('base64'));
  fs.writeFileSync(output, indexed(width, height, pixels));
  console.log(output);
} finally {
  await browser.close();
}

// indexed writes RGBA pixels as a PNG with a palette: a third of the size of what a browser writes. Smoothed glyphs have more shades
// than 256; the shades are made coarser until they fit, which nobody sees.
function indexed(width, height, pixels) {
  for (let step = 6; ; step += 2) {
    const palette = new Map();
    const rows = Buffer.alloc(height * (width + 1)); // every row begins with its filter: 0, none
    for (let i = 0; i < width * height; i++) {
      const shade = (n) => Math.min(255, Math.round(pixels[4 * i + n] / step) * step);
      const key = [shade(0), shade(1), shade(2), pixels[4 * i + 3] > 250 ? 255 : shade(3)].join();
      if (!palette.has(key)) palette.set(key, palette.size);
      rows[i + Math.floor(i / width) + 1] = palette.get(key);
    }
    if (palette.size > 256) continue;
    const colours = [...palette.keys()].map((key) => key.split(',').map(Number));
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 3], 8); // bits, palette
    return Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('PLTE', Buffer.from(colours.flatMap((c) => c.slice(0, 3)))),
      chunk('tRNS', Buffer.from(colours.map((c) => c[3]))), chunk('IDAT', zlib.deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0)),
    ]);
  }
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32BE(data.length, 0);
  sizes.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([sizes.subarray(0, 4), body, sizes.subarray(4)]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
