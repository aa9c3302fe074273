/** A card of which one is chosen. */
export interface ChoiceCard {
  href: string;
  title: string;
  about?: string;
  abilities: readonly string[];
  /** Other names that find it. */
  aliases?: readonly string[];
}

/** The cards in which every word that was typed stands somewhere: in what they show, or in another name of theirs. */
export function findCards<Card extends ChoiceCard>(cards: readonly Card[], typed: string): Card[] {
  const words = typed.toLowerCase().split(/\s+/);
  return cards.filter(({ title, about = '', abilities, aliases = [] }) => {
    const text = [title, about, ...abilities, ...aliases].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
