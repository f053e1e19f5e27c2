/** Pods as the versions of Marathon write them: after the RAML types, of which later ones leave out what is empty. */
import type { AppDefinition } from './definition.ts';
import type { PodContainer, PodFields } from './pod-definition.ts';

export function pod10(def: AppDefinition): object {
  return written(def, withoutEmpty, ({ executorResources, role }) => ({ executorResources, role }));
}

export function pod7(def: AppDefinition): object {
  return written(def, withoutEmpty, ({ executorResources }) => ({ executorResources }));
}

export function pod14(def: AppDefinition): object {
  return written(
    def,
    (fields) => fields,
    () => ({}),
  );
}

function written(
  { id, version, instances, pod }: AppDefinition,
  shortened: (fields: object) => object,
  last: (pod: PodFields) => object,
): object {
  if (pod === undefined) return {};
  const { labels, user, environment, containers, secrets, volumes, networks, scheduling } = pod;
  const placement = shortened(scheduling.placement);
  return {
    ...shortened({ id, labels, version }),
    ...(user === undefined ? {} : { user }),
    ...shortened({
      environment,
      containers: containers.map((container) => containerOf(container, shortened)),
      secrets,
      volumes,
      networks: networks.map((network) => shortened(network)),
    }),
    scaling: { kind: 'fixed', instances },
    scheduling: shortened({ ...scheduling, placement }),
    ...last(pod),
  };
}

function containerOf(container: PodContainer, shortened: (fields: object) => object): object {
  return shortened({ ...container, endpoints: container.endpoints.map((each) => shortened(each)) });
}

/** RAML's `omitEmpty`: lists and maps without an entry are not written. */
function withoutEmpty(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
