/**
 * The walls of the house: imports point downward, cores reach neither Node nor npm, each way of reaching the
 * outside has one door.
 */
const { builtinModules } = require('node:module');

const PURE =
  '^(firmware-shim/(base|wire|line|kernel|host)|agent/(model|uplink|access|durable|health|tunnel|engine|routes|state|report|wiring|diag/check|diag/tool|diag/bundle|diag/page-access))/';
const DOMAINS = ['uplink', 'access', 'durable', 'health', 'tunnel', 'routes', 'state', 'report'];
const OUTSIDE = `node_modules|^node:|^(${builtinModules.map((name) => name.replace('/', '\\/')).join('|')})$`;

module.exports = {
  forbidden: [
    {
      name: 'cores-reach-nothing-outside',
      comment: 'A core decides; whatever touches Node or npm is an adapter, even two files away.',
      severity: 'error',
      from: { path: PURE },
      to: { path: OUTSIDE, reachable: true },
    },
    {
      name: 'cores-import-nothing-outside',
      comment: 'The direct form of the rule above, with the offending line named.',
      severity: 'error',
      from: { path: PURE },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional'] },
    },
    {
      name: 'the-floor-knows-no-sd-wan',
      severity: 'error',
      from: { path: '^firmware-shim/' },
      to: { path: '^(agent|sim|test|bench|tools)/' },
    },
    {
      name: 'base-is-the-bottom',
      severity: 'error',
      from: { path: '^firmware-shim/base/' },
      to: { pathNot: '^firmware-shim/base/' },
    },
    {
      name: 'wire-kernel-and-host-stand-on-base-only',
      severity: 'error',
      from: { path: '^firmware-shim/(wire|kernel|host)/' },
      to: { path: '^firmware-shim/', pathNot: '^firmware-shim/(base|$1)/' },
    },
    {
      name: 'the-agent-knows-no-simulator',
      severity: 'error',
      from: { path: '^agent/' },
      to: { path: '^(sim|test|bench|tools)/' },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { pathNot: '^(test/|vitest)' },
      to: { path: '^test/' },
    },
    ...DOMAINS.map((domain) => ({
      name: `${domain}-minds-its-own-business`,
      comment: 'Domain folders meet in the wiring and nowhere else.',
      severity: 'error',
      from: { path: `^agent/${domain}/` },
      to: { path: `^agent/(${DOMAINS.filter((other) => other !== domain).join('|')}|wiring)/` },
    })),
    {
      name: 'model-is-below-everything',
      severity: 'error',
      from: { path: '^agent/model/' },
      to: { path: '^agent/', pathNot: '^agent/model/' },
    },
    {
      name: 'adapters-are-reached-from-the-roots-only',
      comment: 'Only the composition root, other adapters, threads and programs open doors.',
      severity: 'error',
      from: { path: '^agent/', pathNot: '^agent/(adapters|cli|main)' },
      to: { path: '^(agent|firmware-shim)/adapters/' },
    },
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: { conditionNames: ['node', 'import', 'require', 'default'] },
  },
};
