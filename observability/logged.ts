import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');

/** The texts that one service, and what all of them share, gives to a logger or to an error, which a line may have as its reason. */
export function textsLoggedBy(service: 'gateway' | 'worker'): string[] {
  const files = globSync(`services/{${service},runtime}/src/**/*.ts`, { cwd: root });
  return files
    .filter((file) => !/\.(test|harness)\.ts$/.test(file))
    .flatMap((file) => textsLoggedIn(readFileSync(join(root, file), 'utf8')));
}

/** A constant of the source counts where it is what is given, or part of that. */
function textsLoggedIn(source: string): string[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const constants = new Map(
    file.statements
      .filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) => declarationList.declarations)
      .map(({ name, initializer }) => [name.getText(), initializer]),
  );

  function textsOf(node: ts.Node): string[] {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      return [node.text];
    const constant = ts.isIdentifier(node) ? constants.get(node.text) : undefined;
    return constant ? textsOf(constant) : childrenOf(node).flatMap(textsOf);
  }

  return callsIn(file)
    .filter(isTold)
    .flatMap(({ arguments: given = [] }) => given.flatMap(textsOf));
}

type Call = ts.CallExpression | ts.NewExpression;

const callsIn = (node: ts.Node): Call[] => [
  ...(ts.isCallExpression(node) || ts.isNewExpression(node) ? [node] : []),
  ...childrenOf(node).flatMap(callsIn),
];

function childrenOf(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  return children;
}

/** `logger.warn(…)`, `context.log.warn(…)`, `logger[level](…)`, `of(task).info(…)`, `createConnectionLog(…)`, `new Error(…)`. */
function isTold({ expression }: Call): boolean {
  if (ts.isIdentifier(expression)) return /^(createConnectionLog|\w*Error)$/.test(expression.text);
  if (!ts.isPropertyAccessExpression(expression) && !ts.isElementAccessExpression(expression)) return false;
  return /(\blog|logger|\bof\(\w+\))$/i.test(expression.expression.getText());
}
