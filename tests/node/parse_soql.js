// Reads a JSON list of SOQL queries, prints for each what an independent parser makes of it.
import { text } from "node:stream/consumers";
import { parseQuery } from "@jetstreamapp/soql-parser-js";

function conditions(clause) {
  if (!clause) return [];
  const here = clause.left?.field ? [{ ...clause.left }] : [];
  return [...here, ...conditions(clause.left?.left ? clause.left : null), ...conditions(clause.right)];
}

function parsed(query) {
  try {
    const tree = parseQuery(query);
    return {
      sObject: tree.sObject,
      fields: tree.fields.map((field) => field.rawValue ?? field.field),
      conditions: conditions(tree.where).map(({ field, operator, value }) => ({ field, operator, value })),
      orderBy: (tree.orderBy ?? []).map(({ field }) => field),
      limit: tree.limit ?? null,
    };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

const queries = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(queries.map(parsed)));
