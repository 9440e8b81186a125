/** What a name of a person or key may be: something that can be seen, on one line. For class-validator's Matches. */
export const visibleName = /^\P{Cc}*[^\p{Cc}\s]\P{Cc}*$/u

export const visibleNameProblem = { message: '$property must not be blank or hold control characters' }
