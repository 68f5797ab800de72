const SUPPRESSION = /^\s*(?:eslint-disable(?:-next-line|-line)?|eslint)\s/;

/**
 * An ESLint rule: a comment that switches a rule off names the rule and says why,
 * `// eslint-disable-next-line some-rule -- the reason`. TypeScript's own `@ts-expect-error` is held to the same by
 * `@typescript-eslint/ban-ts-comment`.
 */
export const suppressionReason = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      reason: 'A lint suppression carries its reason: `eslint-disable-next-line rule -- why`.',
      rule: 'A lint suppression names the rules that it switches off.',
    },
  },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const text = `${comment.value} `;
          if (!SUPPRESSION.test(text)) continue;
          const [directive, reason = ''] = text.split(/\s-{2,}\s/);
          // column -1: in front of the directive, which could otherwise silence this very report
          const loc = { start: { line: comment.loc.start.line, column: -1 }, end: comment.loc.end };
          if (reason.trim().length < 10) context.report({ loc, messageId: 'reason' });
          if (directive.replace(SUPPRESSION, '').trim() === '') context.report({ loc, messageId: 'rule' });
        }
      },
    };
  },
};
