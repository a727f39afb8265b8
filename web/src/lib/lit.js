// One door to the bundled Lit, so that modules need not know where it lies.
export * from '../../vendor-lit.js';
