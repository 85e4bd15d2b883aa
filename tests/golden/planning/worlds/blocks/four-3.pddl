(define (problem blocks-4-collect-31-3)
(:domain blocksworld-4ops)
(:objects a b c d)
(:init
(handempty)
(ontable a)
(on b a)
(ontable c)
(ontable d)
(clear b)
(clear c)
(clear d)
)
(:goal
(and
(on a b)
(on c a)
(on d c)
)))
