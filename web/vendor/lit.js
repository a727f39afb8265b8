// The part of Lit the pages use, bundled once into dist/vendor-lit.js.
export { LitElement, html, svg, nothing } from 'lit';
export { repeat } from 'lit/directives/repeat.js';
export { classMap } from 'lit/directives/class-map.js';
export { live } from 'lit/directives/live.js';
