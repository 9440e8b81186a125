import { DomainError } from '@ymir/graphql'
import { isEmail } from 'class-validator'

/** RFC 5321, 4.5.3.1.3: a path is at most 256 octets with its angle brackets. */
const longest = 254

/**
 * An e-mail address as we compare and store it: trimmed, composed (NFC), in lower case. That the part before the @
 * may differ by case (RFC 5321) is left aside, as every large mail service does.
 * @throws DomainError BAD_USER_INPUT when it is no address
 */
export function normaliseEmail(text: string): string {
  const email = text.trim().normalize('NFC').toLowerCase()
  if (email.length <= longest && isEmail(email)) return email
  throw new DomainError('BAD_USER_INPUT', `"${text.slice(0, longest)}" is not an e-mail address`, {
    field: 'email',
  })
}
