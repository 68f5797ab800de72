// Run before start and test: the package brings Node 24 along, unless its install scripts were switched off.
const needed = 24;
if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    `Tenantry runs on Node ${needed} or newer; this is ${process.version}.\n` +
      'The dependency `node` brings it along, but its install script has not run: install again with `npm ci`\n' +
      '(without --ignore-scripts, and without ignore-scripts=true in an .npmrc), and start through npm.',
  );
  process.exit(1);
}
