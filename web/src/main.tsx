import '@mantine/core/styles.css'
import './look/look.css'
import { ApolloProvider } from '@apollo/client/react'
import { MantineProvider } from '@mantine/core'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router/dom'
import { router } from './app/routes.tsx'
import { client } from './graph/client.ts'
import { theme } from './look/theme.ts'
import { startWords } from './words/words.ts'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element #root')

/** The nonce that this answer's Content-Security-Policy allows for inserted styles. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''

// a dialog keeps the page behind it from scrolling by a style that asks for the nonce under this name (get-nonce)
Object.assign(globalThis, { __webpack_nonce__: nonce })

await startWords()
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <ApolloProvider client={client}>
        <RouterProvider router={router} />
      </ApolloProvider>
    </MantineProvider>
  </StrictMode>,
)
