/**
 * What no store that commits every append can pass: a row of a few bytes for each, however many events it stands for, with no index, in
 * one prepared round trip. Its "events" are those the append would have had; what is beyond it would not be durable.
 */
import { openPool, type Contestant, type Server } from "./contestant.ts";

const INSERT = { name: "floor", text: "INSERT INTO floor (value) VALUES ($1)", values: [1] };

export async function openCommitFloor(server: Server): Promise<Contestant> {
  const pool = await openPool(server);
  await pool.query("CREATE TABLE floor (value integer NOT NULL)");
  const commit = async (): Promise<void> => {
    await pool.query(INSERT);
  };
  return { name: "commit-floor", append: commit, appendToMany: commit, close: () => pool.end() };
}
