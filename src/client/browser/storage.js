// The local and the session storage of the page and of its frames of the same origin.
(() => {
  const found = [];
  for (const [area, storage] of [['local', () => localStorage], ['session', () => sessionStorage]]) {
    try {
      for (const [key, value] of Object.entries(storage())) found.push({ area, key, value, origin: location.origin });
    } catch { /* The page has no storage, such as one with an opaque origin. */ }
  }
  return JSON.stringify(found);
})()
