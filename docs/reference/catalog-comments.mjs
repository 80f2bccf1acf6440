/** For typedoc: the actions and fields of the catalogs are described by their own `description`. */

import { Comment, Converter, ReflectionKind } from 'typedoc';

/** What a `description` says, of the members of an action or a field. */
function descriptionAmong(members) {
  const { type } = members.find(({ name }) => name === 'description') ?? {};
  return type?.type === 'literal' ? String(type.value) : undefined;
}

function describe(members, ofWhat) {
  for (const member of members) {
    const below = member.type?.declaration?.children ?? [];
    const text = descriptionAmong(below) ?? `The ${member.name} of ${ofWhat}.`;
    if (!member.hasComment()) member.comment = new Comment([{ kind: 'text', text }]);
    describe(below, member.name);
  }
}

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const catalogs = project.children.find(({ name }) => name === 'catalogs');
    for (const catalog of catalogs.getChildrenByKind(ReflectionKind.Variable)) {
      describe(catalog.type?.declaration?.children ?? [], catalog.name);
    }
  });
}
