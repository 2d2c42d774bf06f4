/** At most so many characters, and never half of one. */
export const shortened = (text: string, maxCharacters: number): string => {
  const characters = [...text];
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join('')}…`;
};
