/** Evidence of who is a person, and of which gender: titles, nouns for people, and given names that leave no doubt. */
import type { Word } from "../words.ts";

export type Gender = "he" | "she" | "open";
export type Nature = { readonly isPerson: boolean | undefined; readonly gender: Gender };

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(" "));

const MALE = setOf(
  "mr sir lord king prince duke baron father brother son husband man boy actor businessman chairman emperor pope gentleman uncle grandfather statesman",
);
const FEMALE = setOf(
  "mrs ms miss lady queen princess duchess baroness mother sister daughter wife woman girl actress businesswoman chairwoman empress aunt grandmother heroine waitress hostess",
);
const PEOPLE = setOf(
  "dr prof professor president chancellor minister senator governor mayor judge justice general captain colonel admiral ceo founder co-founder cofounder leader author poet playwright novelist writer painter artist composer singer musician rapper architect engineer inventor philosopher mathematician physicist chemist biologist astronomer historian economist scientist physician doctor nurse teacher lawyer politician entrepreneur footballer player athlete swimmer runner golfer boxer coach astronaut explorer director producer comedian model dancer activist journalist monarch person people student child winner champion explorer soldier officer saint bishop priest monk",
);
/** Things that are written with a capital and are nobody. */
const THINGS = setOf(
  "river ocean sea lake mountain mount mountains island islands bridge tower university college school institute museum company corporation inc ltd group bank empire kingdom republic states union city county state province country war battle treaty act award prize cup league club party church cathedral palace castle park street road station airport railway line channel canal desert valley bay gulf strait peninsula continent planet moon sun star galaxy system game film movie album song book novel magazine journal newspaper times post review organization association committee council court senate congress parliament agency department ministry project program theory law rule language day century revolution purchase falls basin earth jupiter saturn mars venus mercury neptune uranus pluto",
);
const MALE_NAMES = setOf(
  "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey jacob nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory alexander frank patrick raymond jack dennis jerry tyler aaron henry peter adam nathan zachary walter harold carl arthur roger keith albert isaac leonardo galileo barack elon bill steve neil ludwig wolfgang johann sigmund karl friedrich vincent pablo nikola nelson martin winston napoleon abraham franklin theodore ernest mahatma muhammad mohamed usain lionel cristiano diego",
);
const FEMALE_NAMES = setOf(
  "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura sharon cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine debra rachel carolyn janet catherine maria heather diane ruth julie olivia joyce virginia victoria lauren martha cheryl amelia ada marie rosa florence jane charlotte toni maya serena billie malala greta angelina beyonce taylor-swift cleopatra sonia elena",
);

/** "plumber", "tenant": these endings make nouns for people and for things, so they decide nothing. */
const PERSON_ENDINGS = /(?:er|or|ist|ian|man|men|woman|eer|ee|ant|ent|ess|ic|al|ive|ard|kin|mate)s?$/;

export function findNature(phrase: readonly Word[]): Nature {
  const words = phrase.map(({ lower }) => lower.replaceAll(".", ""));
  const name = phrase.find(({ pos }) => pos === "PROPN")?.lower ?? "";
  const isNamed = phrase.filter(({ pos }) => pos === "PROPN").length >= 2;
  const has = (set: ReadonlySet<string>): boolean => words.some((word) => set.has(word));
  if (has(MALE) && !has(FEMALE)) return { isPerson: true, gender: "he" };
  if (has(FEMALE) && !has(MALE)) return { isPerson: true, gender: "she" };
  if (words.some((word) => THINGS.has(word))) return { isPerson: false, gender: "open" };
  if (isNamed && MALE_NAMES.has(name)) return { isPerson: true, gender: "he" };
  if (isNamed && FEMALE_NAMES.has(name)) return { isPerson: true, gender: "she" };
  if (has(PEOPLE)) return { isPerson: true, gender: "open" };
  const last = phrase.at(-1);
  const isThing = last?.pos === "NOUN" && !PERSON_ENDINGS.test(last.lower);
  return { isPerson: isThing ? false : undefined, gender: "open" };
}
