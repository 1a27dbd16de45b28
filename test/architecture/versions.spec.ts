import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const project = (name: string) => readFileSync(join(__dirname, '../..', name), 'utf8');
const { load } = jest.requireActual<{ load: (text: string) => unknown }>('js-yaml');

interface Package {
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: {
    readonly ci: {
      readonly strategy: { readonly matrix: { readonly node: readonly string[] } };
      readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
    };
  };
}

const manifest = JSON.parse(project('package.json')) as Package;
const workflow = load(project('.github/workflows/ci.yml')) as Workflow;
const { ci } = workflow.jobs;

describe('package.json', () => {
  it('names exact versions only', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });
});

describe('the workflow', () => {
  it('runs .ci/run, on the lowest Node that package.json allows among others', () => {
    expect(ci.steps.map(({ run }) => run)).toContain('.ci/run');
    expect(ci.strategy.matrix.node[0]).toBe(/\d+\.\d+/.exec(manifest.engines.node)?.[0]);
  });

  it('names each action by its commit', () => {
    const actions = ci.steps.flatMap(({ uses = [] }) => uses);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });

  it('may read the repository and nothing else', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
  });
});
