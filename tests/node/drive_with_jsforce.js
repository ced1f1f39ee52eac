// Drives the org at LOGIN_URL with jsforce and prints what it saw, as one JSON object.
import jsforce from "jsforce";

const { LOGIN_URL, CLIENT_ID, CLIENT_SECRET, SF_USERNAME, SF_PASSWORD } = process.env;
const connection = new jsforce.Connection({
  loginUrl: LOGIN_URL,
  version: "66.0",
  oauth2: { loginUrl: LOGIN_URL, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
});
const seen = {};

async function refusal(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return error.errorCode ?? error.name;
  }
}

await connection.login(SF_USERNAME, SF_PASSWORD);
seen.identity = (await connection.identity()).username;
seen.versions = (await connection.request("/services/data")).length;

const created = await connection.sobject("Account").create({ Name: "Nordlicht GmbH", Website: "nordlicht.example" });
seen.created = { success: created.success, idLength: created.id.length };
seen.updated = (await connection.sobject("Account").update({ Id: created.id, Industry: "Energy" })).success;
seen.retrieved = (await connection.sobject("Account").retrieve(created.id)).Industry;

const upsert = (name) =>
  connection.sobject("Account").upsert({ Portico_Id__c: "cus_js", Name: name }, "Portico_Id__c");
seen.upserts = [(await upsert("First")).created, (await upsert("Second")).created];

const many = await connection
  .sobject("Contact")
  .create([{ LastName: "Ahn" }, { LastName: "Berg", Email: "not an address" }, { LastName: "Cole" }], {
    allOrNone: false,
  });
seen.collection = many.map((result) => (result.success ? "ok" : result.errors[0].statusCode));

const lines = Array.from({ length: 450 }, (_, number) => ({
  Name: `Deal ${String(number).padStart(3, "0")}`,
  StageName: number % 3 === 0 ? "Closed Won" : "Prospecting",
  CloseDate: "2026-12-01",
  Amount: number,
  AccountId: created.id,
}));
await connection.sobject("Opportunity").create(lines, { allowRecursive: true });
const page = await connection.query("SELECT Id, Name FROM Opportunity ORDER BY Name", {
  autoFetch: true,
  maxFetch: 1000,
  headers: { "Sforce-Query-Options": "batchSize=200" },
});
seen.pages = { total: page.totalSize, records: page.records.length, last: page.records.at(-1).Name };
seen.where = (
  await connection.sobject("Opportunity").find({ Name: { $like: "Deal 01%" } }, "Id, Name, Account.Name").sort({ Name: 1 })
).map((record) => `${record.Name} of ${record.Account.Name}`);
seen.grouped = (
  await connection.query("SELECT StageName, COUNT(Id) deals FROM Opportunity GROUP BY StageName ORDER BY StageName")
).records.map(({ StageName, deals }) => [StageName, deals]);
seen.children = (
  await connection.query(
    `SELECT Name, (SELECT Name FROM Opportunities ORDER BY Amount DESC LIMIT 2) FROM Account WHERE Id = '${created.id}'`,
  )
).records[0].Opportunities.records.map((record) => record.Name);

const described = await connection.sobject("Account").describe();
seen.externalIds = described.fields.filter((field) => field.externalId).map((field) => field.name);
seen.childRelationships = described.childRelationships.map((child) => child.relationshipName).sort();

seen.destroyed = (await connection.sobject("Account").destroy(created.id)).success;
seen.gone = await refusal(connection.sobject("Account").retrieve(created.id));
seen.malformed = await refusal(connection.query("SELECT Id FROM Account WHERE"));
seen.limit = connection.limitInfo.apiUsage.limit;

process.stdout.write(JSON.stringify(seen));
